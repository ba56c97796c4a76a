"""HMACs with the current and former secret keys, where Django's Signer is not used."""

from django.conf import settings
from django.utils.crypto import salted_hmac


def macs(salt: str, words: str, algorithm: str = "sha1") -> list:
    """The HMACs of `words` by SECRET_KEY and by each of SECRET_KEY_FALLBACKS, in this order. Give
    out the first, and accept any."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, words, secret=key, algorithm=algorithm) for key in keys]
