"""How passwords are hashed: one after the other, and once more if only their md5 is known."""

import hashlib
import re
import threading
from contextlib import nullcontext

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")
turn = threading.Lock()
"""Held while a password is hashed."""


class Argon2InTurn(Argon2PasswordHasher):
    """Argon2, one at a time in each process. It takes 100 MiB and eight threads: where 200 people
    signed in within ten seconds, a message took seconds, and who held the database's lock was not
    given the processor."""

    def encode(self, password: str, salt: str) -> str:
        with in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with in_turn():
            return super().verify(password, encoded)


def in_turn():
    """Context manager that waits for the turn; not within a transaction, for whose locks all others
    would wait."""
    return nullcontext() if connection.in_atomic_block else turn


class Argon2OfMD5(Argon2InTurn):
    """Argon2 over the md5 that a table of another system had; the md5 itself is not kept. Django
    hashes the password anew at the first sign-in, as other hashers are preferred to this one."""

    algorithm = "argon2_md5"

    def encode_md5(self, digest: str) -> str:
        """The hash to store for an md5 in hexadecimal digits."""
        return super().encode(digest.lower(), self.salt())

    def encode(self, password: str, salt: str) -> str:
        return super().encode(md5(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        return super().verify(md5(password), encoded)


def md5(password: str) -> str:
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
