"""Proof of work before a first message, while many new visitors come from one address. It costs one
visitor's page less than a second, and a sender of thousands of messages much processor time.

The salt is signed together with its expiry, the address, the enterprise and the visitor. So nothing
is stored, any process can check a solution, and a solution serves only the visitor it was made for,
who has only one first message.
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
"""Tokens: an address needs no challenge while its `newcomer` bucket has this many left, half of its
burst (limits.py). An office whose people all begin at nine stays within that."""
BITS = 18
"""Leading zero bits of the hash: 260,000 tries on average, measured as 0.7 s in Chromium slowed
down to a quarter."""
LIFETIME = 300
"""Seconds that a challenge is valid: a slow phone needs ten to solve it, a suspended one more."""
RETRY_AFTER = 60
"""Seconds after which a client that cannot solve challenges should retry: twelve tokens of the
address are refilled by then."""


def require_solution(enterprise: Enterprise, keys: dict[str, str], proof: str) -> None:
    """Refuses with challenge a first message from an address with many new visitors, unless `proof`
    is a solution. `keys` are those of limits.visitor_keys."""
    address = keys.get("address")
    if not enterprise.challenge or not address:
        return
    if limits.has_tokens("newcomer", {"address": address}, FREE_TOKENS) or is_solution(proof, keys):
        return
    salt = salts(int(time.time()) + LIFETIME, keys)[0]
    detail = "Many new visitors come from this address. Solve the challenge, then send it again."
    asked = {"salt": salt, "bits": BITS}
    raise Refused("challenge", detail, challenge=asked, retry_after=RETRY_AFTER)


def is_solution(proof: str, keys: dict[str, str]) -> bool:
    """Whether `proof` (as fields.challenge_proof returns it) solves a challenge that was given to
    this visitor and has not expired."""
    salt, _dot, _number = proof.rpartition(".")
    until = int(salt.partition(".")[0] or 0)
    if until < time.time() or not any(
        hmac.compare_digest(salt, sound) for sound in salts(until, keys)
    ):
        return False
    digest = hashlib.sha256(proof.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - BITS) == 0


def salts(until: int, keys: dict[str, str]) -> list[str]:
    """The salts that this visitor may have been given: by the current key first, then by former
    ones. A salt and its number fit into one block of SHA-256, which has room for 55 bytes."""
    bound = "\n".join([str(until), keys["enterprise"], keys["address"], keys["visitor"]])
    digests = [mac.digest()[:16] for mac in macs("kefu.challenges", bound, "sha256")]
    encoded = [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
    return [f"{until}.{text}" for text in encoded]
