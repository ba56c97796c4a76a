"""Passwords of which only an unsalted md5 is known, hashed once more."""

import hashlib
import re

from django.contrib.auth.hashers import Argon2PasswordHasher

MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")


class Argon2OfMD5(Argon2PasswordHasher):
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
