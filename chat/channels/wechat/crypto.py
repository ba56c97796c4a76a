"""How WeChat signs and encrypts what it sends, the same for official accounts and customer service:
SHA-1 over the sorted parts, AES-256-CBC with PKCS#7 to 32 bytes around the text, its length and
whom it is for.
"""

import base64
import binascii
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.utils.crypto import constant_time_compare

RANDOM, LENGTH, BLOCK = 16, 4, 32
"""Bytes before the length, of the length, and to which the whole is padded."""


class Forged(Exception):
    """It is not from WeChat, or not for this account."""


def check(given: str, *parts: str) -> None:
    """Raises Forged unless `given` is the signature of these parts, of which one is the token."""
    if not constant_time_compare(given, signature(*parts)):
        raise Forged


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def key_of(aeskey: str) -> bytes:
    """The key that an EncodingAESKey stands for. Raises ValueError where it is none."""
    if len(aeskey) != 43:
        raise ValueError("an EncodingAESKey has 43 characters")
    return base64.b64decode(aeskey + "=", validate=True)


def decrypt(aeskey: str, encrypted: str, owner: str) -> bytes:
    """The text within. Raises Forged unless it is for `owner` (an AppID or CorpID)."""
    try:
        sealed = base64.b64decode("".join(encrypted.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged from error
    if not sealed or len(sealed) % 16:
        raise Forged
    key = key_of(aeskey)
    box = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = box.update(sealed) + box.finalize()
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise Forged
    start = RANDOM + LENGTH
    end = start + int.from_bytes(plain[RANDOM:start], "big")
    if end > len(plain) - padding or plain[end:-padding] != owner.encode():
        raise Forged
    return plain[start:end]
