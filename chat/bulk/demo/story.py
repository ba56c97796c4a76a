"""One invented conversation in memory, told from its beginning to its end.

It is a `Thread` that no transaction has locked. What happens in it is done by the functions that
change real conversations, so that numbers, unread counts and notices are as they would be there;
only what these look up or store in the database is done here. rows.py stores the whole.
"""

import uuid
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from accounts.models import Member, Team, TeamMember
from chat.conversations import claims, receptions, snoozes
from chat.files import kinds, storage
from chat.ledger import ledger
from chat.ledger.team_settings import TeamSettings
from chat.ledger.threads import MESSAGE, NOTE, NOTICES, Row, Seat, Thread
from chat.models import Attachment, Conversation, Origin, QuickQuestion, Reception, Visitor
from chat.protocol.notices import Notice, about, by

from .pictures import Drawing


class Story:
    """A visitor's conversation with a team, whose `places` are its agents. `at` is the moment until
    which it is told."""

    def __init__(self, team: Team, places: list[TeamMember], visitor: Visitor, at: datetime):
        self.visitor, self.team, self.places, self.at = visitor, team, places, at
        self.conversation = Conversation(
            ent_id=visitor.ent_id,
            # Not the row, which on MySQL does not know its id when it is stored.
            visitor_id=visitor.uuid,
            team=team,
            origin=Origin.DEMO,
            page=urlsplit(visitor.path[-1]["url"]).path if visitor.path else "",
            last_activity=at,
            # Nobody reads what is sent to an invented address.
            mails_stopped=True,
        )
        visitor.created_at = at
        people = [(place.member.uuid, place.member_type) for place in places]
        people.append((visitor.uuid, TeamMember.Type.MEMBER))
        self.thread = Thread(
            *(0, self.conversation.uuid, visitor.ent_id, visitor.uuid),
            # Without a reception, so that none is looked for in the database.
            *(None, 0, 0, 0, True, "", False),
            {who: Seat(0, who, kind, 0, 0, 0) for who, kind in people},
            team.pk,
            TeamSettings(team),
        )
        self.receptions: list[Reception] = []
        self.files: list[tuple[Attachment, Drawing]] = []
        self.begin_reception()
        names = sorted(place.member.display_name for place in places)
        self.append(Row.notice(Notice.OPENED, team=team.name, members=names))

    @property
    def reception(self) -> Reception:
        return self.receptions[-1]

    def begin_reception(self) -> None:
        row = Reception(
            group_id=self.thread.uuid,
            ent_id=self.thread.ent_id,
            opened_at=self.at,
            # No mail tells of it.
            mailed_at=self.at,
        )
        self.receptions.append(row)

    def later(self, seconds: float) -> "Story":
        """Lets time pass."""
        self.at += timedelta(seconds=seconds)
        return self

    def append(self, row: Row) -> Row:
        self.thread.append(row)
        self.stamp()
        if row.kind not in NOTICES:
            self.conversation.last_activity = self.at
        return row

    def stamp(self) -> None:
        """Gives all rows that have no time the present one."""
        for row in reversed(self.thread.rows):
            if row.created_at is not None:
                break
            row.created_at = self.at

    def read(self, who: str) -> None:
        """Somebody looks at the conversation."""
        ledger.move_cursor(self.thread, self.thread.seats[who], self.thread.last_seq)

    def message(
        self,
        kind: int,
        member: Member | None,
        text: str,
        data: dict | None,
        drawing: Drawing | None = None,
    ) -> Row:
        """A message or a note; without a member, the visitor's."""
        who = member.uuid if member else self.visitor.uuid
        name = member.display_name if member else self.visitor.label
        avatar = member.avator if member else ""
        row = Row(kind, who, name, avatar, text, str(uuid.uuid4()), data)
        if drawing:
            file = self.file_of(row, drawing)
            row.data = {**(data or {}), "attachment": storage.message_data(file)}
        return row

    def file_of(self, row: Row, drawing: Drawing) -> Attachment:
        file = Attachment(
            key=storage.new_key(),
            ent_id=self.thread.ent_id,
            sender=row.sender,
            client_id=row.client_id,
            digest=drawing.digest,
            name=drawing.name,
            size=len(drawing.content),
            mime=kinds.PNG.mime,
            width=drawing.width,
            height=drawing.height,
            created_at=self.at,
        )
        self.files.append((file, drawing))
        return file

    def ask(self, text: str, drawing: Drawing | None = None, data: dict | None = None) -> Row:
        """A message of the visitor's. It reopens what was closed."""
        if not self.thread.open:
            self.reopen()
        row = self.append(self.message(MESSAGE, None, text, data, drawing))
        self.count_waiting(row)
        self.read(self.visitor.uuid)
        self.visitor.last_seen_at = self.at
        return row

    def answer(
        self, member: Member, text: str, drawing: Drawing | None = None, data: dict | None = None
    ) -> Row:
        """An agent's message, read by the visitor. Who answers first claims."""
        if not self.thread.claimed_by:
            self.claim(member)
        row = self.append(self.message(MESSAGE, member, text, data, drawing))
        self.count_waiting(row)
        self.read(member.uuid)
        self.read(self.visitor.uuid)
        self.visitor.last_seen_at = self.at
        return row

    def note(self, member: Member, text: str, mentions: tuple[Member, ...] = ()) -> Row:
        called = [one.uuid for one in mentions]
        row = self.append(
            self.message(NOTE, member, text, {"mentions": called} if called else None)
        )
        self.thread.mentioned.update(dict.fromkeys(called, row.seq))
        self.read(member.uuid)
        return row

    def press(self, question: QuickQuestion) -> None:
        """The visitor presses a quick question, which is answered by itself."""
        self.append(self.message(MESSAGE, None, question.question, {"question": question.pk}))
        automatic = {"automatic": True}
        name, client_id = self.team.name, str(uuid.uuid4())
        self.append(Row(MESSAGE, "", name, "", question.answer, client_id, automatic))
        self.read(self.visitor.uuid)

    def count_waiting(self, row: Row) -> None:
        receptions.count_waiting(self.thread, row, self.at)
        if self.thread.replied and self.reception.first_reply_at is None:
            self.reception.first_reply_at = self.at
        self.thread.replied = False

    def claim(self, member: Member) -> None:
        claims.claim(self.thread, member, False, False, self.at)
        self.stamp()

    def hand_to(self, actor: Member, member: Member) -> None:
        claims.set_holder(self.thread, member.uuid, member.display_name, self.at)
        self.append(Row.notice(Notice.TRANSFERRED, **about(member), **by(actor)))

    def tag(self, member: Member, name: str) -> None:
        names = {*self.conversation.tags, name}
        self.conversation.tags = sorted(names)
        self.append(Row.notice(Notice.TAGGED, tag=name, **by(member)))

    def snooze(self, member: Member, minutes: int) -> None:
        snoozes.snooze(self.thread, member, minutes, self.at)
        # The real one becomes text as it is stored.
        data = self.thread.rows[-1].data
        data["until"] = data["until"].isoformat()
        self.stamp()

    def close(self, member: Member, reason: str = "", summary: str = "") -> None:
        receptions.close(self.thread, member, self.at, reason, summary)
        self.reception.reason, self.reception.summary = reason, summary
        self.end(member.uuid)

    def leave(self) -> None:
        """The visitor ends the conversation."""
        receptions.end(self.thread, self.at, self.visitor.uuid, "")
        name = self.visitor.label
        self.thread.notice(Notice.CLOSED, f"{name} ended it", by=self.visitor.uuid, by_name=name)
        self.end(self.visitor.uuid)

    def end(self, closed_by: str) -> None:
        self.stamp()
        self.reception.closed_at, self.reception.closed_by = self.at, closed_by

    def reopen(self) -> None:
        """By the visitor's next message."""
        self.thread.open = True
        self.thread.set_columns(open=True)
        self.begin_reception()
        who, name = self.visitor.uuid, self.visitor.label
        self.append(Row.notice(Notice.REOPENED, by=who, by_name=name))

    def rate(self, score: int, comment: str = "") -> None:
        self.reception.score, self.reception.comment = score, comment
        self.append(Row.notice(Notice.RATED, score=score, comment=comment))

    def read_by_all(self) -> None:
        for who in self.thread.seats:
            self.read(who)
