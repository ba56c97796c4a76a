"""What a session remembers of the way to a provider."""

import base64
import hashlib
import secrets
import time
from typing import TypedDict


class Sent(TypedDict):
    """`back` is where the provider sends the browser to, `wanted` where the member goes then;
    `again` has them prove anew who they are; `at` is a time in seconds."""

    provider: int
    state: str
    nonce: str
    verifier: str
    back: str
    wanted: str
    again: bool
    at: float


def make(provider: int, back: str, wanted: str, again: bool) -> Sent:
    return {
        "provider": provider,
        # Letters and digits, of which 企业微信 takes no others.
        "state": secrets.token_hex(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "back": back,
        "wanted": wanted,
        "again": again,
        "at": time.time(),
    }


def challenge(verifier: str) -> str:
    """The challenge of PKCE (S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
