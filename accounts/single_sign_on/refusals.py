"""Keeps why somebody was refused whom a provider sent, or whose password a directory took."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.http import HttpRequest
from django.utils import translation

from accounts import audit
from accounts.models import Provider

from .errors import Refused

log = logging.getLogger("kefu.sign_in")

SAME_WITHIN = timedelta(minutes=1)
"""In which the same refusal is noted once: strangers may have themselves refused."""


def record(request: HttpRequest, provider: Provider, refused: Refused, claims: Mapping) -> None:
    """Writes a line into the log and a row into the audit. The row has the address or the id of who
    was refused, where the provider has vouched for somebody."""
    with translation.override("en"):
        reason = str(refused)
    log.warning("single sign-on at %s was refused: %s", provider.enterprise.code, reason)
    who = next(filter(None, map(claims.get, ("email", "account", "sub"))), "")
    audit.note_once(
        SAME_WITHIN,
        audit.Action.FAILED,
        provider.enterprise_id,
        audit.of_request(request),
        kind="provider",
        object_id=str(provider.pk),
        object_name=provider.name,
        details={"reason": reason, **({"account": str(who)[:200]} if who else {})},
    )
