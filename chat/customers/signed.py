"""Attributes that an enterprise's site signs with who somebody is. What is wrong in them is left
out and reported to the managers; a sign-in never fails by it."""

import logging
from datetime import datetime, timedelta

from accounts import audit
from accounts.models import AuditRow, Enterprise

from . import attributes
from .attributes import Values

log = logging.getLogger("kefu.customers")

ABOUT = {"kind": "attribute", "object_id": "tokens"}
EVERY = timedelta(days=1)
"""How often it is reported: a site signs with each page."""
SHOWN = 2 * EVERY
"""For how long managers see it after it was last reported."""
MOST = 10
"""Keys that a report names."""


def kept(enterprise: Enterprise, given: object, now: datetime) -> Values:
    """The values that a token gives, checked; {} where it gives none."""
    if given is None:
        return {}
    values, dropped = attributes.kept(attributes.known(enterprise.code), given)
    if dropped:
        report(enterprise, dropped, now)
    return values


def report(enterprise: Enterprise, dropped: list[str], now: datetime) -> None:
    said = AuditRow.objects.filter(chain=enterprise.pk, actor="", at__gt=now - EVERY, **ABOUT)
    if said.exists():
        return
    keys = ", ".join(sorted(dropped)[:MOST])
    log.warning("attributes in tokens of %s were left out: %s", enterprise.code, keys)
    origin = audit.Origin(source="identity")
    about = {**ABOUT, "object_name": keys[: AuditRow._meta.get_field("object_name").max_length]}
    audit.note(audit.Action.DROPPED, enterprise.pk, origin, **about)


def left_out(enterprise: Enterprise, now: datetime) -> str:
    """The keys that were reported last, until an attribute is defined or changed; "" for none."""
    rows = AuditRow.objects.filter(chain=enterprise.pk, at__gt=now - SHOWN, kind=ABOUT["kind"])
    last = rows.order_by("number").last()
    return last.object_name if last and last.action == audit.Action.DROPPED else ""
