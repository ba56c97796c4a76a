"""Encrypts secrets that the server has to read back, such as those of authenticator apps: whoever
has a copy of the database alone cannot use them."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

STORED = "accounts.sealing"
"""The purpose of what is stored."""


def seal(text: str, purpose: str = STORED) -> str:
    """The text, encrypted under SECRET_KEY."""
    return box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str = STORED, seconds: int | None = None) -> str | None:
    """The text that was sealed for this purpose, within so many seconds; None if it is older, or if
    neither SECRET_KEY nor a former key opens it."""
    try:
        return box(purpose).decrypt(sealed.encode(), seconds).decode()
    except InvalidToken:
        return None


def sealed_anew(sealed: str) -> str | None:
    """What is stored, under SECRET_KEY, if a former key alone opens it; else None."""
    try:
        Fernet(derived(settings.SECRET_KEY, STORED)).decrypt(sealed.encode())
    except InvalidToken:
        text = unseal(sealed)
        return None if text is None else seal(text)
    return None


def box(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(derived(key, purpose)) for key in keys])


def derived(key: str, purpose: str) -> bytes:
    """A key for this purpose alone."""
    secret = HKDF(SHA256(), 32, salt=None, info=f"kefu {purpose}".encode()).derive(key.encode())
    return base64.urlsafe_b64encode(secret)
