"""One conversation while messages are added to it: their numbers, receptions, and what is unread.

The other system may know no receptions. One begins with a message that the visitor writes after an
answer and a day of silence; a conversation is closed if nobody has written for a week. Notices say
so at the times of the messages, so that reports count these as any others.
"""

import uuid as uuids
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from chat.ledger.threads import HIDDEN, MESSAGE, NOTE, NOTICES, Row
from chat.models import ChatGroup, Conversation, GroupMessage, Reception
from chat.protocol.notices import Notice

from .records import NOBODY, VISITOR, Group, Message

SILENCE = timedelta(days=1)
"""After an answer and so long, the visitor's next message begins the next reception."""
OPEN_FOR = timedelta(days=7)
"""A conversation in which nobody has written for so long is closed."""
LONGEST_NAME = 500


class Telling:
    """`rows` are those to be stored, in the order of ledger.INSERT but for the enterprise and the
    group."""

    def __init__(self, ids: "Ids", group: Group, now: datetime):
        self.ids, self.group, self.now = ids, group, now
        self.uuid = group.uuid
        self.visitor = ids.visitor(self.uuid)
        self.rows: list[tuple] = []
        self.receptions: list[Reception] = []
        """New or changed ones."""
        self.conversation: Conversation | None = None
        """The row, if it is there already."""
        self.last_seq = self.public_seq = self.message_seq = 0
        self.open = False
        self.last_at: datetime | None = None
        self.visitor_name = ""
        self.visitor_seen: datetime | None = None
        self.reception: Reception | None = None
        self.asked = self.answered = False
        """Whether the visitor has written in this reception, and whether an answer came last."""
        self.messages = self.id_sum = self.id_xor = self.last_id = 0
        """Of the messages that were told here, as in `Group`."""
        self.label = ""
        """What the visitor is called here."""

    @property
    def is_complete(self) -> bool:
        return self.messages >= self.group.messages

    def resume(self, conversation: Conversation) -> "Telling":
        """Goes on with a conversation that is stored, whose row is locked."""
        self.conversation = conversation
        for name in ("last_seq", "public_seq", "message_seq", "open"):
            setattr(self, name, getattr(conversation, name))
        self.reception = conversation.reception
        self.last_at = conversation.last_activity
        said = GroupMessage.objects.in_group(self.uuid).filter(message_type=MESSAGE)
        last = said.order_by("-seq").values_list("sender", flat=True).first()
        self.answered = last is not None and last != self.visitor
        if self.reception:
            since = said.filter(created_at__gte=self.reception.opened_at)
            self.asked = since.filter(sender=self.visitor).exists()
        return self

    def begin(self, first: datetime | None) -> None:
        """Opens it, at the latest when the first message was written."""
        moments = [at for at in (self.group.created_at, first) if at]
        self.last_at = min(moments, default=self.now)
        self.start_reception(self.last_at)
        opened = Row.notice(Notice.OPENED, "Conversation opened", team=self.ids.team, members=[])
        self.notice(opened, self.last_at)

    def start_reception(self, at: datetime) -> None:
        self.open, self.asked, self.answered = True, False, False
        # Mailed already: no mail tells of it.
        self.reception = Reception(
            group_id=self.uuid, ent_id=self.ids.ent_id, opened_at=at, mailed_at=at
        )
        self.receptions.append(self.reception)

    def notice(self, row: Row, at: datetime) -> None:
        self.append(row.kind, "", "", row.content, at, row.client_id, row.data)

    def append(self, kind: int, sender: str, name: str, content: str, at, client_id, data) -> None:
        self.last_seq += 1
        if kind not in HIDDEN:
            self.public_seq = self.last_seq
        if kind not in NOTICES:
            self.message_seq = self.last_seq
        self.rows.append((sender, name, "", kind, content, at, self.last_seq, client_id, data))

    def tell(self, messages: Iterable[Message]) -> None:
        messages = list(messages)
        if self.last_seq == 0:
            self.begin(next((one.at for one in messages if one.at), None))
        for message in messages:
            self.say(message)
            self.messages += 1
            self.id_sum += message.id
            self.id_xor ^= message.id
            self.last_id = message.id

    def say(self, message: Message) -> None:
        # One without a time was said when the one before it was.
        at = message.at or self.last_at
        who = self.ids.sender(message.sender, self.visitor)
        name = message.name[:LONGEST_NAME]
        if message.kind == MESSAGE:
            self.settle_reception(message.sender == VISITOR, who, name, at)
        data = Notice.ADOPTED.data() if message.kind in NOTICES else {}
        if message.unknown_type is not None:
            data["their_type"] = message.unknown_type
        if message.their_time is not None:
            data["their_time"] = message.their_time.isoformat()
        client_id = self.ids.client_id(message.id)
        self.append(message.kind, who, name, message.content, at, client_id, data)
        if message.kind not in NOTICES:
            self.last_at = max(self.last_at, at)
        if message.kind == MESSAGE:
            self.count(message.sender, at)
            if message.sender == VISITOR:
                self.visitor_name = self.visitor_name or name
                self.visitor_seen = at

    def settle_reception(self, by_visitor: bool, who: str, name: str, at: datetime) -> None:
        if self.open and by_visitor and self.answered and at - self.last_at > SILENCE:
            self.close()
        if not self.open:
            self.start_reception(at)
            self.notice(Row.notice(Notice.REOPENED, by=who, by_name=name), at)

    def count(self, sender: str, at: datetime) -> None:
        if sender == VISITOR:
            self.asked, self.answered = True, False
        elif sender != NOBODY:
            self.answered = True
            if self.asked and self.reception and self.reception.first_reply_at is None:
                self.reception.first_reply_at = at
                self.change_reception()

    def change_reception(self) -> None:
        if not any(one is self.reception for one in self.receptions):
            self.receptions.append(self.reception)

    def close(self) -> None:
        """When the last message was written."""
        self.open = False
        if self.reception:
            self.reception.closed_at = self.last_at
            self.change_reception()
        text = "Closed when it was imported"
        row = Row.notice(Notice.CLOSED, text, by="", by_name="", why="adopted")
        self.notice(row, self.last_at)

    def end(self) -> None:
        """After the last message: closes it, if it is over. What somebody here has claimed stays
        open."""
        if self.last_seq == 0:
            self.begin(None)
        claimed = self.conversation is not None and self.conversation.claimed_by
        over = self.group.closed
        if over is None:
            over = self.now - self.last_at > OPEN_FOR
        if self.open and over and not claimed:
            self.close()

    def spoken(self) -> Iterator[tuple[int, str, int]]:
        """(seq, sender, kind) of its messages and notes, the newest first."""
        for sender, _name, _avatar, kind, _content, _at, seq, *_rest in reversed(self.rows):
            if kind not in NOTICES:
                yield seq, sender, kind
        if self.conversation:
            first = self.rows[0][6] if self.rows else self.last_seq + 1
            stored = GroupMessage.objects.in_group(self.uuid).filter(seq__lt=first)
            stored = stored.exclude(message_type__in=NOTICES).order_by("-seq")
            yield from stored.values_list("seq", "sender", "message_type").iterator(500)

    def cursor(self, who: str, unread: int) -> tuple[int, int]:
        """The read cursor above which so many messages of others stand, and how many there really
        are: fewer, if there are no more."""
        if unread == 0:
            return (self.public_seq if who == self.visitor else self.last_seq), 0
        found = 0
        for seq, sender, kind in self.spoken():
            found += self.counts(who, sender, kind)
            if found == unread:
                return seq - 1, found
        return 0, found

    def unread_above(self, who: str, cursor: int) -> int:
        found = 0
        for seq, sender, kind in self.spoken():
            if seq <= cursor:
                break
            found += self.counts(who, sender, kind)
        return found

    def counts(self, who: str, sender: str, kind: int) -> bool:
        return sender != who and (kind == MESSAGE or (kind == NOTE and who != self.visitor))

    def move(self, seat: ChatGroup, unread: int) -> bool:
        """Has a seat that is stored read as far as there, unless it has read further here; whether
        anything of it changes."""
        before = seat.read_seq, seat.unread
        seat.read_seq = max(seat.read_seq, self.cursor(seat.member_id, unread)[0])
        seat.unread = self.unread_above(seat.member_id, seat.read_seq)
        return before != (seat.read_seq, seat.unread)


class Ids:
    """The ids that things of a source have here. The same ones at each run."""

    def __init__(self, source, team: str, members: dict[str, str]):
        self.space, self.prefix = uuids.UUID(source.uuid), f"adopted:{source.pk}:"
        self.ent_id, self.team, self.members = source.ent_id, team, members

    def make(self, kind: str, theirs: str) -> str:
        return str(uuids.uuid5(self.space, f"{kind} {theirs}"))

    def visitor(self, group: str) -> str:
        """One for each group, as they have no two conversations with a team here."""
        return self.make("visitor", group)

    def client_id(self, message: int) -> str:
        """By it a message is known again. No page sends such a one, as it is no UUID."""
        return f"{self.prefix}{message}"

    def sender(self, sender: str, visitor: str) -> str:
        kind, _colon, theirs = sender.partition(":")
        if sender in (NOBODY, VISITOR):
            return visitor if sender else ""
        return self.members.get(theirs, "") or self.make(kind, theirs)
