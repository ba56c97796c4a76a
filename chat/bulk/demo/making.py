"""Makes the demo's conversations."""

import random
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import Enterprise
from chat.models import Conversation, Origin

from . import history, living, rows, shop

SEED = 2026
"""The same conversations at each start; only their times follow the clock."""


def exist(enterprise: Enterprise) -> bool:
    return Conversation.objects.filter(ent_id=enterprise.code, origin=Origin.DEMO).exists()


@transaction.atomic
def make(enterprise: Enterprise, now: datetime) -> int:
    """Stores the conversations as they stand at `now`, and what the shop needs beside them; returns
    how many. The agents of shop.AGENTS work there (shop.missing_agents)."""
    chance = random.Random(SEED)
    ours = shop.fit_out(enterprise)
    told = [*history.tell(ours, now, chance), *living.tell(ours, now, chance)]
    rows.store(told)
    details = {"conversations": len(told)}
    audit.note(audit.Action.ADDED, enterprise.pk, kind="demo", details=details)
    return len(told)
