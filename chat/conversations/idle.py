"""Closes conversations in which the visitor has not written for the team's hours, after a warning.

A conversation whose visitor waits is not closed. A message after the warning takes the warning back
(Thread.append).
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.models import Assistant, Enterprise, Team
from chat import clock, sweeps
from chat.ledger.threads import MESSAGE, Thread
from chat.models import Conversation, GroupMessage, Reception
from chat.protocol.notices import Notice

from . import changes, receptions

log = logging.getLogger("kefu.idle")

BATCH = 100
"""Conversations that one run warns, and that it closes."""
ANSWERED = timedelta(hours=24)
"""After so long without a message what an assistant alone has answered is closed, where the team
has no rule of its own: nobody else would."""


def look(now: datetime | None = None) -> None:
    """Closes what was warned, and warns what is due. Several processes may do so at once."""
    now = now or clock.now()
    warned = Conversation.objects.filter(closing_at__lte=now).order_by("closing_at")
    for group in list(warned.values_list("uuid", flat=True)[:BATCH]):
        sweeps.run_step(close, group, now)
    wanting = Team.objects.filter(
        idle_hours__isnull=False, enterprise__status=Enterprise.Status.OPEN
    )
    left = BATCH
    for team in wanting.select_related("enterprise"):
        groups = list(due(team, now).values_list("uuid", flat=True)[:left])
        left -= len(groups)
        for group in groups:
            sweeps.run_step(warn, group, now)
    for assistant in Assistant.objects.select_related("enterprise", "member"):
        for group in list(answered(assistant, now).values_list("uuid", flat=True)[:BATCH]):
            sweeps.run_step(close_answered, group, assistant, now)


def due(team: Team, now: datetime) -> QuerySet[Conversation]:
    """The team's conversations that have to be warned by now: so long before their closing that
    nobody has written since, nor reopened them."""
    before = now - timedelta(hours=team.idle_hours) + timedelta(minutes=team.warn_minutes)
    # A join would have MariaDB begin with all receptions there ever were; last_activity alone has
    # SQLite read all that is old, and a bare `open` has no index there.
    opened = Reception.objects.filter(pk=OuterRef("reception_id")).values("opened_at")
    found = Conversation.objects.filter(
        open__in=[True], ent_id=team.enterprise.code, team=team, closing_at=None
    )
    since = Greatest("last_activity", Subquery(opened))
    return quiet(found.annotate(since=since).filter(since__lte=before))


def quiet(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Those that are not snoozed and in which the last message is not the visitor's."""
    messages = GroupMessage.objects.filter(group_id=OuterRef("uuid"), message_type=MESSAGE)
    last = Subquery(messages.order_by("-seq").values("sender")[:1])
    still = conversations.filter(waiting_since=None, snoozed_until=None)
    return still.annotate(last_sender=last).exclude(last_sender=F("visitor_id"))


def warn(group: str, now: datetime) -> None:
    """Checks again under the lock: somebody may have written, or another process was first."""
    with changes.begin(now) as change:
        thread = change.lock_one(group)
        team = thread and team_of(thread)
        if team is None or team.idle_hours is None:
            return
        if not due(team, now).filter(pk=thread.id).exists():
            return
        until = now + timedelta(minutes=team.warn_minutes)
        thread.closing = True
        thread.set_columns(closing_at=until)
        words = team.translated("warning", language_of(thread))
        text = words or "Without an answer this conversation is going to be closed."
        thread.notice(Notice.IDLE, text, until=until, minutes=team.warn_minutes, words=words)


def close(group: str, now: datetime) -> None:
    """Checks again under the lock, as for the warning. Afterwards nothing is due here any more,
    whether it was closed or not."""
    with changes.begin(now) as change:
        thread = change.lock_one(group)
        warned = Conversation.objects.filter(uuid=group, closing_at__lte=now)
        if thread is None or not warned.exists():
            return
        team = team_of(thread)
        if thread.open and team.idle_hours is not None and quiet(warned).exists():
            receptions.end(thread, now, "", receptions.IDLE)
            # For the visitor, in their language. It names nobody who did it.
            words = team.translated("farewell", language_of(thread))
            text = words or "Closed, as there was no answer."
            thread.notice(Notice.CLOSED, text, by="", by_name="", words=words)
            log.info("a conversation was closed, its visitor had not answered")
        else:
            warned.update(closing_at=None)


def answered(assistant: Assistant, now: datetime) -> QuerySet[Conversation]:
    """What the assistant has answered, and nobody has gone on with."""
    own = Conversation.objects.filter(
        ent_id=assistant.enterprise.code, open__in=[True], claimed_by="", bot=assistant.member.uuid
    )
    idle = own.filter(bot_asked_at=None, last_activity__lte=now - ANSWERED)
    return idle.filter(team__idle_hours=None, snoozed_until=None)


def close_answered(group: str, assistant: Assistant, now: datetime) -> None:
    with changes.begin(now) as change:
        thread = change.lock_one(group)
        if thread and answered(assistant, now).filter(pk=thread.id).exists():
            receptions.end(thread, now, "", receptions.IDLE)
            text = "Closed, as there was no further question."
            thread.notice(Notice.CLOSED, text, by="", by_name="", words="")


def language_of(thread: Thread) -> str:
    """The language of the thread's visitor."""
    rows = Conversation.objects.filter(pk=thread.id)
    return rows.values_list("visitor__language", flat=True).get()


def team_of(thread: Thread) -> Team:
    return Team.objects.select_related("enterprise").get(conversation=thread.id)
