"""RFC 8291: what only the browser can read that gave its keys, in one record of RFC 8188."""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096
"""Bytes of a record: every push service takes a body of so many."""
MOST = 3993
"""Bytes of a payload that fit: a record without its header (86), tag (16) and delimiter (1)."""
LENGTHS = (1024, 2048, MOST)
"""To which payloads are padded: without visitors' words, all of them have one length."""


def encrypt(
    payload: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
    lengths: tuple[int, ...] = LENGTHS,
) -> bytes:
    """The body of a push, for the browser with the public key `p256dh` and the secret `auth`.
    `salt` and `key` are new ones; `lengths` are those to which a payload is padded. Raises
    ValueError where `p256dh` is no point of the curve, or the payload has more than MOST bytes."""
    if len(payload) > MOST:
        raise ValueError("the payload is too long")
    salt, key = salt or os.urandom(16), key or ec.generate_private_key(CURVE)
    public, other = point_of(key), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, p256dh)
    info = b"WebPush: info\0" + p256dh + public
    secret = derive(key.exchange(ec.ECDH(), other), salt=auth, info=info, length=32)
    content_key = derive(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = derive(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    padding = next((most for most in lengths if most >= len(payload)), len(payload)) - len(payload)
    record = AESGCM(content_key).encrypt(nonce, payload + b"\2" + bytes(padding), None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(public)]) + public + record


def derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half of a key: 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
