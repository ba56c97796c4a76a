"""What is signed here without Django's Signer, which knows of former keys by itself."""

from django.conf import settings
from django.utils.crypto import salted_hmac


def macs(salt: str, words: str, algorithm: str = "sha1") -> list:
    """The HMACs of `words` by SECRET_KEY, first, and by each of SECRET_KEY_FALLBACKS. What is given
    out carries the first; what comes back may carry any."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, words, secret=key, algorithm=algorithm) for key in keys]
