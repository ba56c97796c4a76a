"""Whether this machine's SECRET_KEY is the one that its database has been used with.

A machine with another key takes the visitors' cookies of the others for forged ones, and gives
their visitors new ones: their conversations would be lost to them.
"""

import hashlib
import hmac

from django.conf import settings

from accounts.models import Installation


def is_known() -> bool:
    """Whether the key, or a former one, is the database's; a database without one takes this. Once
    a former one was the database's, the present one is."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    found = Installation.objects.first()
    if found is None:
        take()
        return True
    matching = [key for key in keys if hmac.compare_digest(digest(key), found.key_digest)]
    if matching and matching[0] != settings.SECRET_KEY:
        take()
    return bool(matching)


def take() -> None:
    """Makes this machine's key the database's."""
    facts = {"key_digest": digest(settings.SECRET_KEY)}
    Installation.objects.update_or_create(pk=1, defaults=facts)


def digest(key: str) -> str:
    return hmac.new(key.encode(), b"kefu installation", hashlib.sha256).hexdigest()
