"""Whether this machine's SECRET_KEY is the one that its database has been used with, and what of it
still needs a former one.

A machine with another key takes the visitors' cookies of the others for forged ones, and gives
their visitors new ones: their conversations would be lost to them.
"""

import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_noop

from accounts import encryption
from accounts.models import Assistant, AuthenticatorApp, Embeddings, Installation, Provider
from chat.models import Channel, Robot

SEALED = {
    gettext_noop("authenticator apps"): AuthenticatorApp,
    gettext_noop("sign-in providers"): Provider,
    gettext_noop("assistants"): Assistant,
    gettext_noop("searches by meaning"): Embeddings,
    gettext_noop("channels"): Channel,
    gettext_noop("robots"): Robot,
}
"""Whose secrets are stored."""


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


def seal_anew() -> None:
    """Stores the secrets that only a former key opens under the present one. What another process
    writes meanwhile is kept."""
    for name, pk, sealed, anew in needing_former():
        SEALED[name]._default_manager.filter(pk=pk, sealed=sealed).update(sealed=anew)


def needing_former() -> Iterator[tuple[str, int, str, str]]:
    """The secrets that only a former key opens: whose (see SEALED), its row, what is stored, and
    the same under the present key."""
    for name, model in SEALED.items() if settings.SECRET_KEY_FALLBACKS else ():
        for pk, sealed in model._default_manager.exclude(sealed="").values_list("pk", "sealed"):
            if anew := encryption.sealed_anew(sealed):
                yield name, pk, sealed, anew


def digest(key: str) -> str:
    return hmac.new(key.encode(), b"kefu installation", hashlib.sha256).hexdigest()
