"""How conversations begin: the first messages of one batch open all of theirs together.

A hundred visitors may write at once, and each of them took 19 queries alone; together they
take those once. batches.py calls this inside its transaction.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from accounts.models import Member, Team, TeamMember
from accounts.models.member_queries import FACE
from chat.customers import attributes
from chat.customers.attributes import Values
from chat.ledger import ledger
from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import (
    Attachment,
    ContactBy,
    Conversation,
    EndedSession,
    GroupMember,
    LegalHold,
    Reception,
    Visitor,
)
from chat.models.visitor import first_address, with_address
from chat.protocol.errors import Refused
from chat.protocol.notices import Facts, Notice
from chat.stream import notes
from chat.visitors import site_visits
from chat.visitors.invitations import ShownText

from . import floor, seating
from .seating import Place


@dataclass(slots=True)
class Opening:
    """Where a visitor's first message goes, and who they are (chat/visitors/cookies.py)."""

    ent_id: str
    team_id: int
    visitor: str
    secret_hash: str
    label: str
    language: str
    seen: dict = field(default_factory=dict)
    """Further columns of the visitor (page_views.py)."""
    attributes: Values = field(default_factory=dict)
    """What their site says of them."""
    topic: str = ""
    suspicion: str = ""
    """What looks like spam in the first message (spam.py)."""
    words: ShownText | None = None
    """What they read before they wrote (invitations.py)."""
    channel: str = ""
    """The kind of channel by which they write; "" for the page."""
    silent: bool = False
    """Whether the assistant gets no floor, as in most channels of mails."""
    for_people: bool = False
    """Whether no bot gets the floor: a program wrote, as a mail says, or an agent begins."""
    visit: str = ""
    """The key of their visit to the enterprise's site, where their page tells it."""

    @property
    def vouched_for(self) -> bool:
        """Whether an agent has written first, or the enterprise's site knows them: no
        quarantine."""
        signed = self.identity_key and not self.channel
        return bool(signed or (self.words and self.words.sender))

    def disown(self) -> None:
        """The visit is another visitor's: what an agent said to that one was not said to them."""
        if self.words and self.words.sender:
            self.words = None

    @property
    def identity_key(self) -> str | None:
        """Of one who is signed in on the enterprise's site."""
        return self.seen.get("identity_key")

    @property
    def page(self) -> str:
        """The path of the page on which they write; "" where it is not known."""
        steps = self.seen.get("path")
        return urlsplit(steps[-1]["url"]).path if steps else ""

    @property
    def door(self) -> tuple[str, str, int]:
        return self.ent_id, self.visitor, self.team_id


def settle_who(drafts: list) -> None:
    """Who is signed in on a site is one visitor: the one of the browser that wrote first, also
    where another of their browsers did not know yet. Changes drafts (posting.items.Draft), and the
    rows of their files: a file is found by its message's sender."""
    signed = [draft for draft in drafts if draft.opening and draft.opening.identity_key]
    if not signed:
        return
    keys = {draft.opening.identity_key for draft in signed}
    rows = Visitor.objects.filter(identity_key__in=keys)
    known = {row[:2]: row[2] for row in rows.values_list("ent_id", "identity_key", "uuid")}
    for draft in signed:
        key = draft.opening.ent_id, draft.opening.identity_key
        who = known.setdefault(key, draft.sender)
        draft.sender = draft.opening.visitor = who
        if draft.file:
            # Always: a try that failed has changed the draft, but not the row.
            Attachment.objects.filter(key=draft.file["key"]).update(sender=who)


def find_or_open(
    openings: list[Opening], now: datetime
) -> tuple[dict[tuple, str], dict[str, Opening]]:
    """The group of each visitor with each team, by `Opening.door`; and with what those groups
    opened that are new.

    Inside the caller's transaction. Two first messages at once collide on a unique key: one
    of the transactions fails, and finds the other's conversation when it is tried again.
    """
    doors = [opening.door for opening in openings]
    met = seating.find_each(doors)
    groups = {door: group for door, (group, _team) in zip(doors, met, strict=True)}
    missing = {opening.door: opening for opening in openings if not groups[opening.door]}
    if not missing:
        return groups, {}
    opened = write(list(missing.values()), now)
    return groups | opened, {group: missing[door] for door, group in opened.items()}


def write(openings: list[Opening], now: datetime) -> dict[tuple, str]:
    """Writes all rows of new conversations, but no message; returns their groups."""
    known = lock_known(openings)
    teams = sorted({opening.team_id for opening in openings})
    # Whoever joins or leaves a team meanwhile waits, and then finds these conversations.
    locked = Team.objects.select_for_update().filter(pk__in=teams).order_by("pk")
    if len(locked) < len(teams):
        raise Team.DoesNotExist
    write_visitors(openings, known, now)
    for opening in openings:
        if opening.visit and not site_visits.link(opening.ent_id, opening.visit, opening.visitor):
            opening.disown()
    known_reasons = quarantine_reasons([*known]) if known else {}
    reasons = {
        opening.door: ""
        if opening.vouched_for
        else opening.suspicion or known_reasons.get(opening.visitor, "")
        for opening in openings
    }
    places = TeamMember.objects.filter(team_id__in=teams, member__status=Member.Status.NORMAL)
    staff = defaultdict(list)
    columns = ("team_id", "member_type", *(f"member__{name}" for name in ("role", *FACE)))
    for place in places.select_related("member").only(*columns):
        staff[place.team_id].append(place)
    bots = {
        (team, silent): floor.choose((place.member for place in staff[team]), team, silent)
        for team, silent in {(opening.team_id, opening.silent) for opening in openings}
        if team in staff
    }
    begun = [
        Conversation(
            ent_id=opening.ent_id,
            visitor_id=opening.visitor,
            team_id=opening.team_id,
            topic=opening.topic,
            page=opening.page,
            channel=opening.channel,
            last_activity=now,
            quarantined_for=(reason := reasons[opening.door]),
            quarantined_since=now if reason else None,
            bot=bot_of(opening, bots.get((opening.team_id, opening.silent)), reason),
        )
        for opening in openings
    ]
    Reception.objects.bulk_create(
        Reception(group_id=row.uuid, ent_id=row.ent_id, opened_at=now) for row in begun
    )
    # Not every database tells the ids of what it was given.
    groups = [row.uuid for row in begun]
    ids = dict(Reception.objects.filter(group_id__in=groups).values_list("group_id", "id"))
    for row in begun:
        row.reception_id = ids[row.uuid]
    Conversation.objects.bulk_create(begun)
    seating.seat(
        [
            place
            for opening, group in zip(openings, groups, strict=True)
            for place in places_of(opening, group, staff[opening.team_id])
        ]
    )
    return {opening.door: row.uuid for opening, row in zip(openings, begun, strict=True)}


def bot_of(opening: Opening, bot: Member | None, reason: str) -> str:
    """Which bot (uuid) has the floor; "" for none: in quarantine, where it is for people, and where
    an agent has invited, who has said the first word."""
    invited = opening.words and opening.words.sender
    return "" if bot is None or reason or invited or opening.for_people else bot.uuid


def lock_known(openings: list[Opening]) -> dict[str, Visitor]:
    """Those who have a row, by uuid, locked so that an erasure finds what begins here. Before the
    teams, as where a member or a program begins it (posting/beginnings.py)."""
    openers = {opening.visitor: opening for opening in openings}
    rows = Visitor.objects.select_for_update().filter(uuid__in=openers).order_by("pk")
    known = {row.uuid: row for row in rows}
    for who, row in known.items():
        if (row.secret_hash, row.ent_id) != (openers[who].secret_hash, openers[who].ent_id):
            raise nobody()
    return known


def write_visitors(openings: list[Opening], known: dict[str, Visitor], now: datetime) -> None:
    """Rows for those who never wrote to any team."""
    visitors = {
        opening.visitor: Visitor(
            uuid=opening.visitor,
            ent_id=opening.ent_id,
            secret_hash=opening.secret_hash,
            label=opening.label,
            language=opening.language,
            **opening.seen,
        )
        for opening in openings
    }
    introduce(openings, known, now)
    new = visitors.keys() - known.keys()
    Visitor.objects.bulk_create(visitors[uuid] for uuid in sorted(new))
    for opening in openings:
        if opening.attributes and opening.visitor in new:
            known_now = attributes.known(opening.ent_id)
            values, _others = attributes.kept(known_now, opening.attributes)
            # Not every database has told its id.
            attributes.write(Visitor.objects.get(uuid=opening.visitor), values)
    refuse_ended({who for who in new if not visitors[who].identity_key})


def introduce(openings: list[Opening], known: dict[str, Visitor], now: datetime) -> None:
    """Whom a program has given before they wrote is asked what any new visitor is: it is stored
    now, with what is seen of them. What the program gave stays, but for what they say of
    themselves."""
    written = Conversation.objects.filter(visitor_id__in=known).values_list("visitor_id", flat=True)
    unwritten = known.keys() - set(written)
    for opening in openings:
        if opening.visitor not in unwritten:
            continue
        row = known[opening.visitor]
        before = vars(row).copy()
        seen = {"label": opening.label, "language": opening.language, **opening.seen}
        contact, by_whom = seen.pop("contact", ""), seen.pop("contact_by", ContactBy.VISITOR)
        if email := first_address(contact):
            row.give_contact(with_address(row.contact, email), by_whom)
        rest = with_address(contact, "")
        if rest not in row.contact:
            most = Visitor._meta.get_field("contact").max_length
            row.contact = ", ".join(filter(None, [row.contact, rest]))[:most]
        for name in seen.keys() - {"identity", "identity_key"}:
            setattr(row, name, seen[name] or getattr(row, name))
        if (row.label, row.contact) != (before["label"], before["contact"]):
            former = {"name": before["label"], "contact": before["contact"]}
            LegalHold.objects.keep_former(row, now, **former)
        if vars(row) != before:
            row.save(update_fields=[*seen, "contact", "contact_by"])
            notes.visitor_updated(row, now)


def refuse_ended(new: set[str]) -> None:
    """Refuses who has signed in while this was on its way (joining.join_once): their page sends
    it as the person, and in their own name nobody would ever join it."""
    if new and list(EndedSession.objects.select_for_update().filter(key__in=new)):
        raise nobody()


def nobody() -> Refused:
    """Of a socket that was still open as its visitor was erased, or signed in."""
    return Refused("not_found", "This visitor is nobody any more.")


def quarantine_reasons(known: list[str]) -> dict[str, str]:
    """The visitors all of whose conversations are or were in quarantine, and the reason: they
    cannot get around it by writing to another team."""
    reasons: dict[str, set[str]] = defaultdict(set)
    found = Conversation.objects.whole().filter(visitor_id__in=known)
    for who, reason in found.values_list("visitor_id", "quarantined_for"):
        reasons[who].add(reason)
    return {who: max(all_of_them) for who, all_of_them in reasons.items() if "" not in all_of_them}


def places_of(opening: Opening, group: str, staff: list[TeamMember]) -> list[Place]:
    """Seats for the team, and one for the visitor."""
    named = opening.ent_id, group, opening.label
    agents = [
        Place(
            *named,
            place.member.uuid,
            place.member.display_name,
            place.member.avator,
            place.member_type,
        )
        for place in staff
    ]
    words = opening.words
    if words and words.sender and words.sender not in {place.who for place in agents}:
        # An agent of another team has invited: the answer is for them, too.
        agents.append(Place(*named, words.sender, words.name, words.avatar))
    return [*agents, Place(*named, opening.visitor, opening.label)]


def greet(threads: list[Thread], opened: dict[str, Opening]) -> None:
    """Appends the notice that each new conversation begins with, and what its visitor had read."""
    if not threads:
        return
    groups = [thread.uuid for thread in threads]
    teams = dict(Conversation.objects.filter(uuid__in=groups).values_list("uuid", "team__name"))
    names = defaultdict(list)
    shown = GroupMember.objects.filter(group_id__in=groups).order_by("member_type", "member_name")
    for group, who, name in shown.values_list("group_id", "member_id", "member_name"):
        names[group].append((who, name))
    for thread in threads:
        team = teams[thread.uuid]
        members = [name for who, name in names[thread.uuid] if who != thread.visitor]
        about: Facts = {"team": team, "members": members}
        if thread.bot:
            about |= floor.facts_of(thread.bot, dict(names[thread.uuid])[thread.bot])
        thread.notice(Notice.OPENED, **about)
        if words := opened[thread.uuid].words:
            row = thread.append(row_of(words))
            if seat := thread.seats.get(thread.visitor):
                ledger.move_cursor(thread, seat, row.seq)


def row_of(words: ShownText) -> Row:
    """A message like others; nobody has to do anything about it, as about a quick answer. What an
    agent said so is no answer to anything (answers.py, transcripts.py)."""
    data = {"invitation": True} if words.sender else {"automatic": True}
    client_id = str(uuid.uuid4())
    return Row(MESSAGE, words.sender, words.name, words.avatar, words.text, client_id, data)
