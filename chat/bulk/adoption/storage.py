"""Stores what was told of conversations, with few statements, in the caller's transaction."""

import orjson
from django.db import connection

from accounts.models import Member, TeamMember
from chat.ledger import ledger
from chat.models import (
    AdoptedGroup,
    AdoptionSource,
    ChatGroup,
    ContactBy,
    Conversation,
    GroupMember,
    Origin,
    Reception,
    Visitor,
)
from chat.reports import counting
from chat.stream import sequencer
from chat.visitors.cookies import default_name
from chat.visitors.identities import NO_SECRET_HASH

from .conversation import Telling
from .records import Tally

BATCH = 500
"""Rows of one statement."""
LABEL, CONTACT, TOPIC = 125, 125, 60
LEADER, MEMBER = TeamMember.Type.LEADER, TeamMember.Type.MEMBER


class Store:
    """Where the conversations of a run are stored. `seated` are the members who can have a seat, by
    their ids there."""

    def __init__(self, source: AdoptionSource, team, seated: dict[str, Member], tally: Tally):
        self.source, self.team, self.seated, self.tally = source, team, seated, tally

    def add(self, told: list[Telling]) -> None:
        """Stores conversations that are not here yet."""
        for one in told:
            one.label = self.label(one)
        create(Visitor, [self.visitor(one) for one in told])
        self.write_receptions(told)
        create(Conversation, [self.conversation(one) for one in told])
        seats = [row for one in told for row in self.seats(one)]
        create(ChatGroup, [seat for seat, _shown in seats])
        create(GroupMember, [shown for _seat, shown in seats])
        self.write_rows(told)
        create(AdoptedGroup, [self.progress(one) for one in told])
        sequencer.set_places({one.uuid: one.last_seq for one in told})
        counting.catch_up([one.uuid for one in told])

    def go_on(self, one: Telling, is_last: bool) -> None:
        """Stores what was told of a conversation that is here, and at the end its seats."""
        row = one.conversation
        sequencer.leave_out(self.source.ent_id, one.uuid, row.last_seq, one.last_seq)
        self.write_receptions([one])
        self.write_rows([one])
        row.last_seq, row.public_seq, row.message_seq = (
            one.last_seq,
            one.public_seq,
            one.message_seq,
        )
        row.open, row.last_activity, row.reception = one.open, one.last_at, one.reception
        names = "last_seq", "public_seq", "message_seq", "open", "last_activity", "reception"
        row.save(update_fields=names)
        if is_last:
            self.move_seats(one)
            self.add_seats(one)
        counting.catch_up([one.uuid])

    def visitor(self, one: Telling) -> Visitor:
        return Visitor(
            uuid=one.visitor,
            ent_id=self.source.ent_id,
            # No cookie fits, and the row is none that was erased.
            secret_hash=NO_SECRET_HASH,
            label=one.label,
            contact=one.group.contact[:CONTACT],
            contact_by=ContactBy.IMPORT,
            created_at=one.receptions[0].opened_at,
            last_seen_at=one.visitor_seen,
        )

    def label(self, one: Telling) -> str:
        names = one.group.name, one.group.visitor_name, one.visitor_name
        name = next((name.strip() for name in names if name.strip()), "")
        if len(name) > LABEL:
            self.tally.add("names_cut", f"group {one.group.theirs}")
        return name[:LABEL] or default_name(one.visitor)

    def conversation(self, one: Telling) -> Conversation:
        return Conversation(
            uuid=one.uuid,
            ent_id=self.source.ent_id,
            visitor_id=one.visitor,
            team=self.team,
            reception_id=one.reception.pk,
            last_seq=one.last_seq,
            public_seq=one.public_seq,
            message_seq=one.message_seq,
            open=one.open,
            last_activity=one.last_at,
            topic=one.group.topic[:TOPIC],
            origin=Origin.IMPORTED,
            # Their visitors are written to by no mail of ours.
            mails_stopped=True,
        )

    def seats(self, one: Telling) -> list[tuple[ChatGroup, GroupMember]]:
        found = [self.seat(one, one.visitor, one.group.visitor_name or one.label)]
        self.read(one, found[0][0], one.group.visitor_unread)
        found[0][0].created_at = one.group.created_at or one.receptions[0].opened_at
        return found + self.members(one, set())

    def members(self, one: Telling, known: set[str]) -> list[tuple[ChatGroup, GroupMember]]:
        """The seats of members whose ids there are not `known`."""
        found = []
        for place in one.group.places:
            if place.person in known:
                continue
            member = self.seated.get(place.person)
            if member is None:
                self.tally.add("seats_of_disabled", f"group {one.group.theirs}")
                continue
            kind = LEADER if place.leads else MEMBER
            both = self.seat(one, member.uuid, place.name or member.display_name, kind)
            both[1].member_avatar = member.avator
            self.read(one, both[0], place.unread)
            for row in both:
                row.created_at = place.created_at or one.group.created_at or one.last_at
            found.append(both)
        self.tally.add("seats", n=len(found))
        return found

    def seat(self, one: Telling, who: str, name: str, kind: int = MEMBER):
        about = {"ent_id": self.source.ent_id, "member_id": who, "member_type": kind}
        return (
            ChatGroup(uuid=one.uuid, group_name=one.label, **about),
            GroupMember(group_id=one.uuid, member_name=name, **about),
        )

    def read(self, one: Telling, seat: ChatGroup, unread: int) -> None:
        seat.read_seq, seat.unread = one.cursor(seat.member_id, unread)
        if seat.unread != unread:
            sample = f"group {one.group.theirs}: {unread} there, {seat.unread} here"
            self.tally.add("unread_differs", sample)

    def write_receptions(self, told: list[Telling]) -> None:
        """Stores them, and gives each conversation the last one: not every database tells the ids
        of new rows."""
        rows = [row for one in told for row in one.receptions]
        new = [row for row in rows if row.pk is None]
        for row in rows:
            if row.pk is not None:
                row.save(update_fields=["first_reply_at", "closed_at"])
        create(Reception, new)
        groups = {row.group_id for row in new}
        found = Reception.objects.filter(group_id__in=groups).order_by("id")
        ids = dict(found.values_list("group_id", "id"))
        for one in told:
            if one.reception is not None and one.reception.pk is None:
                one.reception.pk = ids[one.uuid]

    def write_rows(self, told: list[Telling]) -> None:
        adapt = connection.ops.adapt_datetimefield_value
        ent_id = self.source.ent_id
        values = [
            (
                ent_id, sender, name, avatar, one.uuid, kind, content, adapt(at), seq, client_id,
                orjson.dumps(data).decode() if data else None,
            )
            for one in told
            for sender, name, avatar, kind, content, at, seq, client_id, data in one.rows
        ]  # fmt: skip
        if values:
            with connection.cursor() as cursor:
                cursor.executemany(ledger.INSERT + ledger.VALUES, values)

    def progress(self, one: Telling) -> AdoptedGroup:
        return AdoptedGroup(
            source=self.source,
            group=one.uuid,
            theirs=one.group.theirs,
            visitor=one.group.visitor,
            places=sorted(place.person for place in one.group.places),
            state=one.group.state if one.is_complete else "",
            messages=one.messages,
            id_sum=one.id_sum,
            id_xor=one.id_xor,
            last_id=one.last_id,
        )

    def move_seats(self, one: Telling) -> None:
        """Read cursors follow those that are there."""
        unread = {one.visitor: one.group.visitor_unread}
        for place in one.group.places:
            if member := self.seated.get(place.person):
                unread[member.uuid] = place.unread
        for seat in ChatGroup.objects.in_group(one.uuid):
            theirs = unread.get(seat.member_id)
            if theirs is None:
                seat.unread = one.unread_above(seat.member_id, seat.read_seq)
                seat.save(update_fields=["unread"])
            elif one.move(seat, theirs):
                seat.save(update_fields=["read_seq", "unread"])

    def add_seats(self, one: Telling) -> None:
        """Whoever has got a seat there since gets one here. Who has given it up here does not get
        it back."""
        row = AdoptedGroup.objects.get(group=one.uuid)
        (one.label,) = Visitor.objects.filter(uuid=one.visitor).values_list("label", flat=True)
        new = self.members(one, set(row.places))
        there = set(ChatGroup.objects.in_group(one.uuid).values_list("member_id", flat=True))
        new = [both for both in new if both[0].member_id not in there]
        create(ChatGroup, [seat for seat, _shown in new])
        create(GroupMember, [shown for _seat, shown in new])
        row.places = sorted({*row.places, *(place.person for place in one.group.places)})
        row.save(update_fields=["places"])


def create(model, rows: list) -> None:
    model._base_manager.bulk_create(rows, batch_size=BATCH)
