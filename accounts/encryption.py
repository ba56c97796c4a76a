"""Encrypts secrets that the server has to read back, such as those of authenticator apps: whoever
has a copy of the database alone cannot use them."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(text: str) -> str:
    """The text, encrypted under SECRET_KEY."""
    return box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The text that was sealed, or None if neither SECRET_KEY nor a former key opens it."""
    try:
        return box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(derived(key)) for key in keys])


def derived(key: str) -> bytes:
    """A key for this purpose alone."""
    secret = HKDF(SHA256(), 32, salt=None, info=b"kefu accounts.sealing").derive(key.encode())
    return base64.urlsafe_b64encode(secret)
