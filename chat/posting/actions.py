"""What people do to one conversation beside writing in it: who may, and in which transaction.

`commit` is called by posting.py in the queue's order, so that an action stands where its sender
put it among their messages. The rules of each action stand in claims.py, receptions.py and
membership.py; they change the locked thread and append a notice, or leave it as it is when it
is so already.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Member
from chat.care import quarantine
from chat.conversations import changes, claims, membership, recalls, receptions, snoozes, tags
from chat.conversations.changes import Change
from chat.delivery.announce import Announcement
from chat.delivery.threads import NOTE, Row, Thread
from chat.models import MemberType
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.protocol.forms import Act


@dataclass(slots=True)
class Action:
    """`name` is the frame's, without "conversation."; `actor` a member's uuid."""

    name: str
    actor: str
    group: str
    member: str | None = None
    team: str | None = None
    note: str = ""
    take_over: bool = False
    tag: str = ""
    minutes: int = 0
    reason: str = ""
    summary: str = ""

    @classmethod
    def of(cls, form: Act, actor: str) -> "Action":
        return cls(
            form.name,
            actor,
            form.group,
            form.member,
            form.team,
            form.note,
            form.take_over,
            form.tag,
            form.minutes,
            form.reason,
            form.summary,
        )


@dataclass(slots=True)
class Rating:
    """A visitor (uuid) rates the latest reception, 1 to 5."""

    visitor: str
    group: str
    score: int
    comment: str


@dataclass(slots=True)
class Ending:
    """A visitor (uuid) ends the reception."""

    visitor: str
    group: str


@dataclass(slots=True)
class Recall:
    """`who` (a member's or visitor's uuid) takes back their message `seq`."""

    who: str
    group: str
    seq: int


AnyAction = Action | Rating | Ending | Recall


def commit(action: AnyAction) -> tuple[dict | None, list[Announcement]]:
    """Does it, in a transaction of its own. Returns the answer for who asked, and what to tell.

    Whoever asked learns of a change by the same events as everybody. What is so already changes
    nothing: then the answer is the present state. Raises the database's errors only.
    """
    try:
        with changes.collect(timezone.now()) as change:
            thread = do(action, change)
    except Refused as refused:
        refused.facts.setdefault("group", action.group)
        return refused.event(), []
    if not thread.rows:
        return (state(thread) if isinstance(action, Action) else None), []
    return None, change.announcements()


def do(action: AnyAction, change: Change) -> Thread:
    """The conversation, locked and changed but not written yet."""
    if isinstance(action, Rating | Ending):
        thread = change.lock_one(action.group)
        if thread is None or thread.visitor != action.visitor or is_erased(thread):
            raise not_found()
        if isinstance(action, Rating):
            receptions.rate(thread, action.score, action.comment)
        else:
            receptions.close_by_visitor(thread, change.now)
        return thread
    if isinstance(action, Recall):
        thread = change.lock_one(action.group)
        if thread is None:
            raise not_found()
        recalls.recall(thread, action.who, action.seq, change.now)
        return thread
    actor = Member.objects.filter(uuid=action.actor).first()
    if actor is None or not actor.is_active or actor.enterprise is None:
        raise not_found()
    teams = set()
    if action.team:
        teams = membership.hold_teams(action.team, actor.enterprise.code, action.group)
    thread = change.lock_one(action.group)
    if thread is None or thread.ent_id != actor.enterprise.code:
        raise not_found()
    seat = thread.seats.get(actor.uuid)
    if seat is None:
        if not actor.is_manager:
            raise not_found()
        thread.watching = (actor.uuid,)
    if is_erased(thread) and action.name not in PARTINGS:
        raise Refused("conflict", "The visitor was erased; nothing is left to be done here.")
    if thread.held and action.name not in PARTINGS:
        raise Refused("conflict", "It is held. Say first whether it is spam.")
    leads = actor.is_manager or seat.member_type == MemberType.LEADER
    perform(action, thread, actor, leads, change.now, teams)
    if actor.uuid in thread.seats:
        thread.watching = ()
    if thread.rows and action.note:
        thread.append(note(action, actor))
    return thread


PARTINGS = ("leave", "remove")
"""What can still be done in a conversation whose visitor was erased, or that is held."""


def is_erased(thread: Thread) -> bool:
    return thread.visitor not in thread.seats


def not_found() -> Refused:
    return Refused("not_found", "There is no such conversation for you.")


def perform(
    action: Action, thread: Thread, actor: Member, leads: bool, now: datetime, teams: set[int]
) -> None:
    match action.name:
        case "claim":
            claims.claim(thread, actor, leads, action.take_over, now)
        case "release":
            claims.release(thread, actor, leads)
        case "close":
            receptions.close(thread, actor, now, action.reason, action.summary)
        case "reopen":
            receptions.reopen(thread, actor.uuid, actor.display_name, now)
            if thread.held_for:
                quarantine.let_in(thread, now)
        case "leave":
            membership.leave(thread, actor)
        case "invite":
            membership.invite(thread, actor, action.member)
        case "remove":
            membership.remove(thread, actor, leads, action.member)
        case "tag":
            tags.add(thread, actor, action.tag)
        case "untag":
            tags.remove(thread, actor, action.tag)
        case "snooze":
            snoozes.snooze(thread, actor, action.minutes, now)
        case "wake":
            snoozes.wake(thread, actor, now)
        case "transfer" if action.member:
            membership.hand_to_member(thread, actor, leads, action.member, now)
        case "transfer":
            membership.hand_to_team(thread, actor, leads, action.team, teams)


def note(action: Action, actor: Member) -> Row:
    """What the sender says to colleagues with it."""
    client_id = str(uuid.uuid4())
    return Row(NOTE, actor.uuid, actor.display_name, actor.avator, action.note, client_id, None)


def state(thread: Thread) -> dict:
    """How it stands, for a page that asked for what is so already."""
    holder = thread.claimed_by
    facts = {
        "open": thread.open,
        "claimed_by": holder or None,
        "claimed_name": claims.name_of(thread, holder) if holder else None,
        "held": thread.held_for if thread.held else None,
    }
    return events.conversation(thread.uuid, thread.last_seq, facts)
