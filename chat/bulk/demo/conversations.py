"""Makes the demo's conversations."""

import random
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import Enterprise, Member
from chat.models import Conversation, Origin

from . import (
    by_assistant,
    by_channel,
    customers,
    history,
    knowledge,
    open_conversations,
    robots,
    rows,
    shop,
)

SEED = 2026
"""The same conversations at each start; only their times follow the clock."""


CODE = "demo"
"""Of the enterprise that `manage.py demo` makes."""
SHOWN = (*shop.AGENTS, "manager")
"""The accounts that the front page names."""


def exist(enterprise: Enterprise) -> bool:
    return Conversation.objects.filter(ent_id=enterprise.code, origin=Origin.DEMO).exists()


def is_demo(enterprise: Enterprise) -> bool:
    return enterprise.code == CODE and exist(enterprise)


def front(enterprise: Enterprise) -> dict:
    """What the front page shows of the demo: `people` (members by account), `waiting` (visitors who
    wait for an answer)."""
    members = Member.objects.filter(
        enterprise=enterprise, name__in=SHOWN, status=Member.Status.NORMAL
    )
    waiting = Conversation.objects.filter(
        ent_id=enterprise.code, waiting_since__isnull=False, snoozed_until=None
    )
    people = sorted(members, key=lambda one: SHOWN.index(one.name))
    return {"people": {one.name: one for one in people}, "waiting": waiting.count()}


@transaction.atomic
def make(enterprise: Enterprise, now: datetime) -> int:
    """Stores the conversations as they stand at `now`, and what the shop needs beside them; returns
    how many. The agents of shop.AGENTS work there (shop.missing_agents)."""
    chance = random.Random(SEED)
    ours = shop.fit_out(enterprise)
    told = [*history.tell(ours, now, chance), *open_conversations.tell(ours, now, chance)]
    customers.tell(ours, told, chance)
    knowledge.make(enterprise, now)
    answered = by_assistant.tell(ours, now, chance)
    written = by_channel.tell(ours, now, chance)
    told += answered + written
    rows.store(told)
    by_assistant.store(answered)
    by_channel.store(written, now)
    robots.store(enterprise.code)
    customers.store(ours, told)
    details = {"conversations": len(told)}
    audit.note(audit.Action.ADDED, enterprise.pk, kind="demo", details=details)
    return len(told)
