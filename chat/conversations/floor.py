"""The floor: a bot answers the visitor, until people do.

A reception begins with the floor given to the oldest bot that sits there, the one with the lowest
id, of those that had a socket lately: one that only uses the API has no floor. While a bot has it
nobody waits for a person. The conversation's row says which bot has it (`bot`), and since when a
message waits that it has not answered (`bot_asked_at`).

The floor ends with a handover: by the bot or the visitor, by a person who claims, writes or hands
on, or by itself where the bot leaves a message unanswered. Nothing but a new reception gives it
back.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.dispatch import Signal

from accounts import hours, rights
from accounts.kept import Kept
from accounts.models import Assistant, Member, Team
from chat import clock, sweeps
from chat.ledger.threads import Row, Thread
from chat.models import Conversation, GroupMember, Reception, Visitor, theirs
from chat.presence import leases
from chat.protocol.notices import AWAY, BY_BOT, SILENT, Facts, Notice

from . import changes, waits

log = logging.getLogger("kefu.floor")

LATELY = timedelta(minutes=4)
"""A bot without a socket for so long gets no floor, so that visitors need not wait for it: shorter
than leases.EXPIRED_KEPT, longer than the restart of a bot or of this server."""
ALONE = timedelta(seconds=10)
"""For how long a message waits for a bot that has no socket."""
SHORTEST = timedelta(seconds=5)
"""The shortest time that a team can give its bot (Team.bot_seconds)."""
PATIENCE = 20
"""Seconds that an assistant has, where its team gives bots more: then no answer is the answer."""
BATCH = 200
"""Conversations that one look hands over."""
LATE = "late"
"""The cause of a handover where an assistant did not answer in time."""
handing_over = Signal()
"""Sent by `hand_over`, in its transaction, with `thread`, `bot` (a uuid), `why` and `cause`: who
speaks for the bot may answer with a Parting."""


@dataclass(frozen=True, slots=True)
class Parting:
    """What a bot leaves: words to the visitor before the notice, a note to colleagues after it."""

    words: Row | None = None
    note: Row | None = None


def begins_with_bot(team: Team) -> bool:
    """Whether a bot gets the floor in a reception of this team that begins now."""
    return choose(bots_in(team.pk), team.pk) is not None


@Kept
def bots_in(team) -> QuerySet[Member]:
    bots = Member.objects.filter(teams=team, role=rights.BOT, status=Member.Status.NORMAL)
    return bots.select_related(None).only("uuid", "role")


def choose(members: Iterable[Member], team: int, silent: bool = False) -> Member | None:
    """Which of these members of a team (its id) gets the floor in a new reception; None where there
    is no bot to get it. Without a bot among them it costs no query. `silent`: the channel of the
    conversation does not let the assistant answer."""
    bots = {member.uuid: member for member in members if member.role == rights.BOT}
    if not bots:
        return None
    here = leases.connected_since(set(bots), clock.now() - LATELY)
    kept = Assistant.objects.filter(member__uuid__in=here)
    quiet = {
        who for who, mode, when in answering(kept) if silent or not answers_now(mode, when, team)
    }
    return min((bots[who] for who in here - quiet), key=lambda bot: bot.pk, default=None)


def answering(assistants) -> list[tuple[str, str, str]]:
    return list(assistants.values_list("member__uuid", "mode", "when"))


def answers_now(mode: str, when: str, team: int) -> bool:
    """Whether an assistant takes a reception of this team (its id) that begins now."""
    if mode != Assistant.Mode.ANSWER:
        return False
    if when == Assistant.When.ALWAYS:
        return True
    found = Team.objects.select_related("enterprise").get(pk=team)
    if when == Assistant.When.CLOSED:
        return not hours.is_open(found, clock.now())
    return not leases.PRESENT & set(leases.team_states(found).values())


def give(thread: Thread, bot: Member) -> None:
    """Gives a bot that sits there the floor, in a reception that begins."""
    thread.bot = bot.uuid
    thread.set_columns(bot=bot.uuid, bot_asked_at=None)
    thread.facts |= facts_of(bot.uuid, bot.display_name)


def facts_of(bot: str, name: str) -> Facts:
    """Who has the floor, as events and notices tell it."""
    return {"bot": bot, "bot_name": name}


def has(bot: str, ent_id: str, group: str) -> bool:
    """Whether a bot (uuid) has the floor in a conversation (uuid) of this enterprise."""
    return Conversation.objects.filter(theirs(ent_id), uuid=group, bot=bot).exists()


def ask(thread: Thread, now: datetime) -> None:
    """The visitor has written to the bot. One that has no seat any more cannot answer."""
    if not thread.asked:
        thread.asked = True
        thread.set_columns(bot_asked_at=now)
    if thread.bot not in thread.seats:
        hand_over(thread, now, AWAY)


def answered(thread: Thread) -> None:
    """The bot has written."""
    if thread.asked:
        thread.asked = False
        thread.set_columns(bot_asked_at=None)


def end(thread: Thread) -> datetime | None:
    """Ends the floor, if a bot has it. Returns since when a message waits that it has not answered;
    None without one."""
    if not thread.bot:
        return None
    since = asked_at(thread) if thread.asked else None
    thread.bot, thread.asked = "", False
    thread.set_columns(bot="", bot_asked_at=None)
    thread.facts |= {"bot": None, "bot_name": None}
    Reception.objects.filter(pk=thread.reception_id).update(handed_at=clock.now())
    return since


def asked_at(thread: Thread) -> datetime:
    # Written by this transaction, or before it.
    if written := (thread.columns or {}).get("bot_asked_at"):
        return written
    return Conversation.objects.values_list("bot_asked_at", flat=True).get(pk=thread.id)


def pass_on(thread: Thread, now: datetime | None) -> None:
    """Ends the floor; the visitor waits for people, since the oldest message that the bot has not
    answered, else since `now`, or with None not at all. Who is blocked waits for nobody."""
    since = end(thread) or now
    if since and not Visitor.objects.filter(uuid=thread.visitor, blocked=True).exists():
        waits.wait(thread, since)


def hand_over(
    thread: Thread, now: datetime, why: str, by: str = "", name: str = "", cause: str = ""
) -> None:
    """Hands the conversation to people, as somebody (`by`, a uuid, and their name) wants it, or by
    itself. `cause` is what the bot itself knows of it. Does nothing where they have it already."""
    if not thread.bot:
        return
    bot = thread.bot
    shown = GroupMember.objects.filter(theirs(thread.ent_id), group_id=thread.uuid, member_id=bot)
    about = facts_of(bot, shown.values_list("member_name", flat=True).first() or "")
    sent = handing_over.send(Thread, thread=thread, bot=bot, why=why, cause=cause)
    partings: list[Parting] = [parting for _receiver, parting in sent if parting]  # type: ignore[misc]
    for parting in partings:
        if parting.words:
            thread.append(parting.words)
    pass_on(thread, now)
    thread.notice(Notice.HANDED_OVER, why=why, by=by, by_name=name, **about)  # type: ignore[misc]  # each has its own keys
    for parting in partings:
        if parting.note:
            thread.append(parting.note)


def expire() -> None:
    """Hands over what bots have left unanswered for too long. Several processes may do so at
    once."""
    now = clock.now()
    asked = Conversation.objects.filter(bot_asked_at__lte=now - SHORTEST).order_by("bot_asked_at")
    rows = list(asked.values_list("uuid", "bot", "bot_asked_at", "team__bot_seconds"))
    bots = {bot for _group, bot, _at, _seconds in rows}
    lasted = leases.last_connected(bots) if rows else {}
    hurried = assistants_of(bots) if rows else set()
    # Of all that wait: the oldest may be those of a team that gives its bot long.
    over = [
        group
        for group, bot, at, seconds in rows
        if why_over(at, given(seconds, bot in hurried), lasted.get(bot), now)
    ]
    for group in over[:BATCH]:
        sweeps.run_step(expire_one, group)


def expire_one(group: str) -> None:
    """Checks again under the lock: the bot may have answered, or another process was first."""
    with changes.begin() as change:
        thread = change.lock_one(group)
        if thread is None or not (thread.bot and thread.asked):
            return
        lasted = leases.last_connected({thread.bot}).get(thread.bot)
        hurried = bool(assistants_of({thread.bot}))
        seconds = given(thread.team.bot_seconds, hurried)
        why = why_over(asked_at(thread), seconds, lasted, change.now)
        if why:
            log.info("a bot was %s, and people have its conversation", why)
            hand_over(thread, change.now, BY_BOT if hurried else why, cause=LATE)


def assistants_of(bots: set[str]) -> set[str]:
    """Those of these bots (uuids) that the server itself makes speak."""
    found = Assistant.objects.filter(member__uuid__in=bots)
    return set(found.values_list("member__uuid", flat=True))


def given(seconds: int, hurried: bool) -> int:
    """How many seconds a bot has to whom its team gives so many."""
    return min(seconds, PATIENCE) if hurried else seconds


def why_over(asked: datetime, seconds: int, lasted: datetime | None, now: datetime) -> str | None:
    """Why a message that waits for a bot since `asked` waits for people now: the bot was silent for
    the team's `seconds`, or away, without a socket since `lasted` (None: for minutes); None where
    it has time left."""
    if asked + timedelta(seconds=seconds) <= now:
        return SILENT
    alone = asked if lasted is None else max(asked, lasted)
    return AWAY if alone + ALONE <= now else None
