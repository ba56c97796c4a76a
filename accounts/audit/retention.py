"""Keeps the audit as long as an enterprise says. What is older is removed; a marker row at the end
says up to which row, and with which hash, so that the rest still fits on. The ends of all chains go
to the log."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Enterprise
from accounts.models.audit import AuditHead, AuditRow
from accounts.models.enterprise import AUDIT_DAYS

from . import chains
from .chains import Action, Entry
from .origins import Origin

log = logging.getLogger("kefu.audit")

LEAST = timedelta(days=1)
"""By how much the oldest row is too old before there is a cut: each one adds a marker."""


def shorten() -> None:
    """Cuts every chain that has become too long. Several processes may do so at once."""
    days = dict(Enterprise.objects.values_list("pk", "audit_days"))
    for chain in AuditHead.objects.values_list("chain", flat=True):
        cut(chain, days.get(chain, AUDIT_DAYS))


def cut(chain: int, days: int) -> None:
    """Removes the rows that are older than `days`, unless they are nothing but markers."""
    before = timezone.now() - timedelta(days=days)
    rows = AuditRow.objects.filter(chain=chain)
    old = rows.filter(at__lt=before - LEAST).exclude(action=Action.CUT)
    if not old.exists():
        return
    with transaction.atomic():
        head = chains.locked_head(chain)
        first = rows.filter(at__gte=before).order_by("number").first()
        through = (first.number if first else head.number + 1) - 1
        last = rows.filter(number=through).first()
        if last is None:
            return  # Another process was first.
        rows.filter(number__lte=through).delete()
        details = {"through": through, "hash": last.hash, "days": days}
        chains.append([Entry(chain, Action.CUT, Origin(), kind="auditrow", details=details)])


logged: dict[int, list] = {}
"""The ends of chains that this process has logged last."""


def log_ends() -> None:
    """Logs the number and hash of the last row of each chain that does not end as it did at the
    last call. A chain whose last rows were removed, with its head set back, fits as well: only a
    copy outside of the database shows that there were more."""
    codes = dict(Enterprise.objects.values_list("pk", "code"))
    for chain, *end in AuditHead.objects.order_by("chain").values_list("chain", "number", "hash"):
        if logged.get(chain) != end:
            logged[chain] = end
            about = {"enterprise": codes.get(chain, "")}
            log.info("audit chain %d ends with row %d %s", chain, *end, extra=about)
