"""Secrets and signatures of Standard Webhooks 1.0."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SIZE = 32
"""Bytes of a secret; the standard asks for 24 to 64."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def signature(keys: list[str], id: str, timestamp: int, body: bytes) -> str:
    """The value of webhook-signature: one signature for each secret."""
    signed = f"{id}.{timestamp}.".encode() + body
    return " ".join("v1," + base64.b64encode(mac(key, signed)).decode() for key in keys)


def mac(key: str, signed: bytes) -> bytes:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return hmac.new(secret, signed, hashlib.sha256).digest()
