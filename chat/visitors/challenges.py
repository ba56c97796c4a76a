"""A small computation that visitors' pages do before a first message, while many new visitors come
from their address: nothing for a person, and a price for each of a thousand.

What is asked is signed with its end, the address, the enterprise and the visitor, so nothing of it
has to be kept, any process can check it, and it opens nothing to anybody else: a visitor has one
first message.
"""

import base64
import hashlib
import hmac
import time

from accounts.models import Enterprise
from chat.limits import limits
from chat.protocol.errors import Refused

from .keys import macs

FREE_TOKENS = 30
"""An address floods when it may not bring so many more newcomers at once (limits.py): half of what
it may bring at the most. An office that begins at nine stays below that."""
BITS = 18
"""Zero bits of the hash: 260,000 tries on average, 0.7 s in chromium at a quarter of our speed."""
LIFETIME = 300
"""Seconds: a slow phone needs ten, and one that lies in a pocket more."""
RETRY_AFTER = 60
"""Seconds until who cannot compute should try again: an address may bring twelve more by then."""


def require_solution(enterprise: Enterprise, keys: dict[str, str], proof: str) -> None:
    """Refuses (`challenge`) a first message from an address that floods, unless `proof` solves what
    was asked. `keys` are limits.of_visitor's."""
    address = keys.get("address")
    if not enterprise.challenge or not address:
        return
    if limits.has("newcomer", {"address": address}, FREE_TOKENS) or is_solution(proof, keys):
        return
    salt = salts(int(time.time()) + LIFETIME, keys)[0]
    detail = "Many new visitors come from this address. Solve the challenge, then send it again."
    asked = {"salt": salt, "bits": BITS}
    raise Refused("challenge", detail, challenge=asked, retry_after=RETRY_AFTER)


def is_solution(proof: str, keys: dict[str, str]) -> bool:
    """Whether `proof`, as fields.proof has checked it, was asked of this visitor, and is right."""
    salt, _dot, _number = proof.rpartition(".")
    until = int(salt.partition(".")[0] or 0)
    if until < time.time() or not any(
        hmac.compare_digest(salt, sound) for sound in salts(until, keys)
    ):
        return False
    digest = hashlib.sha256(proof.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - BITS) == 0


def salts(until: int, keys: dict[str, str]) -> list[str]:
    """The salt by the present key, first, and by former ones. With the number that solves it each
    is within one block of the hash, 55 bytes."""
    bound = "\n".join([str(until), keys["enterprise"], keys["address"], keys["visitor"]])
    digests = [mac.digest()[:16] for mac in macs("kefu.challenges", bound, "sha256")]
    encoded = [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
    return [f"{until}.{text}" for text in encoded]
