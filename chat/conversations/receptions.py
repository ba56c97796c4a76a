"""Receptions: from one opening of a conversation to its closing, and the visitor's rating."""

from collections import Counter
from datetime import datetime

from accounts.models import Member, TeamMember
from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import Conversation, Reception, Visitor
from chat.protocol.errors import Refused
from chat.protocol.notices import Facts, Notice, by
from chat.reading.undone import UNDO_WITHIN

from . import claims, floor, outgoing, seating, waits

IDLE = "idle"
"""The reason where a conversation was closed by idle.py."""


NEWEST, OFFERED = 2_000, 20
"""How many receptions of an enterprise are looked through for reasons, and how many are offered."""


def reasons_in_use(member: Member) -> list[str]:
    """The reasons with which colleagues of the member's teams have closed lately, the most frequent
    first; for a manager those of the whole enterprise. They are free texts, and may be about a
    visitor: other teams must not see them."""
    newest = Reception.objects.filter(ent_id=member.enterprise.code).order_by("-id")
    newest = newest.values_list("group_id", "reason")[:NEWEST]
    given = [(group, reason) for group, reason in newest if reason not in ("", IDLE)]
    if not member.is_manager:
        seen = Conversation.objects.whole().filter(uuid__in={group for group, _reason in given})
        theirs = set(seen.filter(team__members=member).values_list("uuid", flat=True))
        given = [(group, reason) for group, reason in given if group in theirs]
    found = Counter(reason for _group, reason in given)
    return [reason for reason, _times in found.most_common(OFFERED)]


def close(
    thread: Thread, actor: Member, now: datetime, reason: str = "", summary: str = ""
) -> None:
    """Ends the reception. Only colleagues see the reason and the summary."""
    if not thread.open:
        return
    end(thread, now, actor.uuid, reason, summary)
    thread.notice(Notice.CLOSED, **by(actor))
    if text := "\n".join(filter(None, (reason, summary))):
        thread.notice(Notice.CLOSING, text, reason=reason, summary=summary)


def close_by_visitor(thread: Thread, now: datetime) -> None:
    """Ends the reception, as its visitor asks."""
    if not thread.open:
        return
    end(thread, now, thread.visitor, "")
    name = claims.name_of(thread, thread.visitor)
    thread.notice(Notice.CLOSED, f"{name} ended it", by=thread.visitor, by_name=name)


def end(thread: Thread, now: datetime, closed_by: str, reason: str, summary: str = "") -> None:
    """Closes the conversation: its claim is free, and nobody waits any more."""
    thread.open = False
    thread.facts["open"] = False
    thread.set_columns(open=False)
    claims.clear_holder(thread)
    thread.end_snooze()
    thread.cancel_closing()
    floor.end(thread)
    waits.stop_waiting(thread)
    if thread.quarantined:
        thread.set_quarantine(None)
    Reception.objects.filter(pk=thread.reception_id).update(
        closed_at=now, closed_by=closed_by, reason=reason, summary=summary
    )


def resume_waiting(threads: list[Thread], now: datetime) -> None:
    """After a block: the visitors of open conversations, not in quarantine, wait as before."""
    for thread in threads:
        if thread.open and not (thread.quarantined or thread.waiting or thread.bot):
            wait_as_before(thread, now)


def wait_as_before(thread: Thread, now: datetime) -> None:
    """The visitor waits since when they waited before, if they did."""
    if since := waits.since(thread, now):
        waits.wait(thread, since)


def reopen(thread: Thread, who: str, name: str, now: datetime) -> None:
    """Begins the next reception, by an agent or by the visitor's next message (`who`, `name`); a
    close that is taken back at once ended none, and its reception goes on.

    The team's agents join those who still sit there. One who gets a place in the team in this
    very moment may be missed, since the team is not locked here: whoever gives places waits for
    conversations, so locking in the opposite order could stop both. They come in by an
    invitation or at the next reopening.

    A bot gets the floor, but not where a close is taken back or it was in quarantine: people have
    it then.
    """
    if thread.open:
        return
    undoes = undoes_close(thread, who, now)
    thread.open = True
    thread.facts["open"] = True
    thread.set_columns(open=True)
    if undoes:
        resume(thread, now)
    else:
        begin(thread, now)
    if thread.quarantine_reason and who == thread.visitor:
        thread.set_quarantine(now)
    places = list(
        TeamMember.objects.filter(
            team_id=thread.team_id, member__status=Member.Status.NORMAL
        ).select_related("member")
    )
    seating.take_seats(
        [
            (thread, place.member, place.member_type)
            for place in places
            if place.member.uuid not in thread.seats
        ]
    )
    about: Facts = {"by": who, "by_name": name}
    if not undoes and not thread.quarantine_reason:
        if bot := floor.choose(
            (place.member for place in places), thread.team_id, outgoing.is_silent(thread)
        ):
            floor.give(thread, bot)
            about |= floor.facts_of(bot.uuid, bot.display_name)
    thread.notice(Notice.REOPENED, **about)


def undoes_close(thread: Thread, who: str, now: datetime) -> bool:
    """Whether a reopening takes back the close just before, by the same member."""
    closed = Reception.objects.filter(
        pk=thread.reception_id, closed_by=who, closed_at__gte=now - UNDO_WITHIN
    )
    return who != thread.visitor and closed.exists()


def resume(thread: Thread, now: datetime) -> None:
    """The reception goes on as if it had not been closed, and so does the visitor's wait. Who is
    blocked does not wait."""
    Reception.objects.filter(pk=thread.reception_id).update(
        closed_at=None, closed_by="", reason="", summary=""
    )
    if not Visitor.objects.filter(uuid=thread.visitor, blocked=True).exists():
        wait_as_before(thread, now)


def begin(thread: Thread, now: datetime) -> None:
    """Begins a reception, which has no rating yet."""
    reception = Reception.objects.create(group_id=thread.uuid, ent_id=thread.ent_id, opened_at=now)
    thread.reception_id = reception.pk
    thread.facts["rating"] = None
    thread.set_columns(reception=reception)


def rate(thread: Thread, score: int, comment: str) -> None:
    """Stores the visitor's rating of the latest reception; a later one replaces it."""
    reception = Reception.objects.filter(pk=thread.reception_id).first()
    if reception is None:
        raise Refused("conflict", "There is nothing to rate yet.")
    if (reception.score, reception.comment) == (score, comment):
        return
    reception.score, reception.comment = score, comment
    reception.save(update_fields=["score", "comment"])
    rating = {"score": score, "comment": comment}
    thread.facts["rating"] = rating
    thread.notice(Notice.RATED, score=score, comment=comment)


def count_waiting(thread: Thread, row: Row, now: datetime) -> None:
    """The visitor waits from their first unanswered message until an agent's message; for nobody
    while a bot has the floor, and in quarantine."""
    if row.sender == thread.visitor:
        if thread.bot:
            floor.ask(thread, now)
        elif not thread.quarantined:
            waits.wait(thread, now)
    elif row.kind != MESSAGE:
        return
    elif row.by_bot:
        if row.sender == thread.bot:
            floor.answered(thread)
    elif thread.waiting:
        thread.waiting = False
        thread.replied = True
        thread.facts["waiting_since"] = None
