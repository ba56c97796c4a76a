"""A chat that a test drives through the product at times of its own, and a log of what happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from chat.care import erasure
from chat.care.joins import unite
from chat.conversations import changes
from chat.models import ChatGroup, Conversation, GroupMessage, QuickQuestion, Visitor
from chat.posting import batches, beginnings
from chat.posting.actions import Ending, Rating, Recall
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.visitors import page_views
from tests.chat.helpers import act_of, draft_of, new_guest

START = datetime(2026, 3, 27, 20, 10, 30, 123456, timezone.utc)


@dataclass
class Happened:
    """`kind`: visitor, press, agent, bot, floor, handover, holds, moved, closed, reopened, rated,
    joined, fresh. A bot gets the `floor` of what is opened or reopened. `who` is
    a member's uuid, empty for the visitor; `value` a score, a team's slug, or the log of the
    conversation that was joined. After `fresh` the visitor's next message begins a reception."""

    at: datetime
    kind: str
    who: str = ""
    value: object = None


@dataclass
class Talk:
    """One visitor's conversation, and all that happened in it."""

    guest: object
    team: str
    group: str = ""
    log: list[Happened] = field(default_factory=list)
    erased: bool = False
    former: list[list[Happened]] = field(default_factory=list)
    """The logs of conversations that were joined with this one, and end with that."""
    topic: str = ""
    page: str = ""
    """What the visitor chose, and the path of the page on which they wrote."""


class Scene:
    bot = None
    """A bot of the team that has a socket, where a test has one."""
    program = None
    """A service account, likewise."""

    def __init__(self, monkeypatch, team, members, question: QuickQuestion | None = None):
        self.now = START
        self.team, self.members, self.question = team, members, question
        self.talks: list[Talk] = []
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def wait(self, **time) -> None:
        self.now += timedelta(**time)

    def begin(self, topic: str = "", page: str = "") -> Talk:
        talk = Talk(new_guest(self.team), self.team.slug, topic=topic, page=page)
        self.talks.append(talk)
        return talk

    def says(self, talk: Talk, press: bool = False) -> int:
        """The visitor writes, or presses the quick question; the number of the message."""
        draft = talk.guest.draft("hello", group=talk.group or None)
        if press:
            draft.content, draft.question = self.question.question, self.question.pk
        if draft.opening:
            draft.opening.topic = talk.topic
            if talk.page:
                step = page_views.path_entry(f"https://shop.example{talk.page}", self.now)
                draft.opening.seen = {"path": [step]}
        shut = not talk.group or not self.row(talk).open
        self.connect_bot()
        accepted = batches.post(draft)
        talk.group = accepted["group"]
        if shut and not press and len(talk.log):
            talk.log.append(Happened(self.now, "reopened"))
        self.tell_floor(talk, shut)
        talk.log.append(Happened(self.now, "press" if press else "visitor"))
        return accepted["seq"]

    def begins(self, talk: Talk, who) -> None:
        """A member or a program writes first, or again to one who is there."""
        if not talk.group:
            opening = talk.guest.draft().opening
            columns = {"secret_hash": opening.secret_hash, "label": opening.label}
            Visitor.objects.create(uuid=talk.guest.uuid, ent_id=opening.ent_id, **columns)
        before = self.row(talk) if talk.group else None
        self.connect_bot()
        team = (before.door or before.team).slug if before else talk.team
        asked = {"visitor": talk.guest.uuid, "team": team, "content": "May I help?"}
        talk.group, _new = beginnings.begin(who, asked)
        if before and not before.open:
            talk.log.append(Happened(self.now, "reopened", who.uuid))
        self.tell_floor(talk, before is None or not before.open)
        self.tell_holder(talk, before.claimed_by if before else "")
        if not who.is_program:
            talk.log.append(Happened(self.now, "agent", who.uuid))

    def connect_bot(self) -> None:
        if self.bot:
            leases.renew([self.bot.uuid], restart=True)

    def tell_floor(self, talk: Talk, began: bool) -> None:
        if began and self.row(talk).bot:
            talk.log.append(Happened(self.now, "floor"))

    def bot_says(self, talk: Talk) -> None:
        """The bot writes, where it may."""
        seen = self.row(talk).last_seq
        draft = draft_of(self.bot, talk.group, "a bot's answer", bot=True, seen=seen)
        if batches.run([draft])[0]["type"] == "message.accepted":
            talk.log.append(Happened(self.now, "bot"))

    def hands_over(self, talk: Talk) -> None:
        if self.row(talk).bot:
            batches.do(act_of("handover", self.bot.uuid, talk.group))
            talk.log.append(Happened(self.now, "handover"))

    def answers(self, talk: Talk, who, note: bool = False) -> None:
        before = self.row(talk).claimed_by
        batches.post(draft_of(who, talk.group, "an answer", note=note))
        self.tell_holder(talk, before)
        if not note:
            talk.log.append(Happened(self.now, "agent", who.uuid))

    def acts(self, name: str, talk: Talk, who, **fields) -> None:
        """An action of an agent; one that is refused changes nothing."""
        before = self.row(talk)
        self.connect_bot()
        try:
            batches.do(act_of(name, who.uuid, talk.group, **fields))
        except Refused:
            return
        after = self.row(talk)
        if before.open != after.open:
            talk.log.append(Happened(self.now, "reopened" if after.open else "closed", who.uuid))
            self.tell_floor(talk, after.open)
        if before.team != after.team:
            talk.log.append(Happened(self.now, "moved", value=after.team.slug))
        self.tell_holder(talk, before.claimed_by)

    def tell_holder(self, talk: Talk, before: str) -> None:
        holder = self.row(talk).claimed_by
        if holder != before:
            talk.log.append(Happened(self.now, "holds", holder))

    def tags(self, talk: Talk, who, tag: str) -> None:
        """Puts a tag on the conversation, or takes it away where it is there."""
        name = "untag" if tag in self.row(talk).tags else "tag"
        self.acts(name, talk, who, tag=tag)

    def about(self, talk: Talk) -> dict[str, list[str]]:
        """What the conversation has now of each facet."""
        row = self.row(talk)
        return {
            "topic": [row.topic],
            "tag": row.tags or [""],
            "page": [row.page],
            "channel": [row.channel],
        }

    def ends(self, talk: Talk) -> None:
        if self.row(talk).open:
            batches.do(Ending(talk.guest.uuid, talk.group))
            talk.log.append(Happened(self.now, "closed"))

    def rates(self, talk: Talk, score: int) -> None:
        batches.do(Rating(talk.guest.uuid, talk.group, score, ""))
        talk.log.append(Happened(self.now, "rated", value=score))

    def recalls(self, talk: Talk, who: str, seq: int) -> None:
        """Takes a message back, where it is not too late."""
        try:
            batches.do(Recall(who, talk.group, seq))
        except Refused:
            pass

    def last_seq(self, talk: Talk, who: str) -> int:
        """The number of somebody's last message; 0 without one."""
        rows = GroupMessage.objects.in_group(talk.group).filter(sender=who, message_type=1)
        return rows.order_by("-seq").values_list("seq", flat=True).first() or 0

    def erases(self, talk: Talk) -> None:
        with changes.begin() as change:
            visitor = Visitor.objects.select_for_update().get(uuid=talk.guest.uuid)
            erasure.by_visitor(visitor, change.lock_all_of(visitor), change.now)
        talk.erased = True

    def joins(self, loose: Talk, known: Talk) -> None:
        """The visitor of `loose` signs in as that of `known`: their conversations become one. The
        present reception is that of the one or the other, as the chat has it."""
        before = {talk.group: self.row(talk) for talk in (loose, known)}
        with changes.begin() as change:
            people = Visitor.objects.select_for_update()
            either = [people.get(uuid=talk.guest.uuid) for talk in (loose, known)]
            unite(change, *either)
        self.talks.remove(loose)
        after = self.row(known)
        stays = after.reception_id == before[known.group].reception_id
        goes_on, ends = (known, loose) if stays else (loose, known)
        logs = goes_on.log, ends.log
        lacks = [not any(one.kind == "visitor" for one in log) for log in logs]
        if lacks == [True, False]:
            goes_on, ends = ends, goes_on
        known.log, other = goes_on.log, ends.log
        known.former.append(other)
        known.log.append(Happened(self.now, "joined", value=list(other)))
        if lacks == [True, False] and not before[goes_on.group].open:
            known.log.append(Happened(self.now, "fresh"))
        known.log.append(Happened(self.now, "moved", value=after.team.slug))
        if after.claimed_by:
            known.log.append(Happened(self.now, "holds", after.claimed_by))

    @staticmethod
    def seats(talk: Talk) -> set[str]:
        return set(ChatGroup.objects.in_group(talk.group).values_list("member_id", flat=True))

    @staticmethod
    def row(talk: Talk) -> Conversation:
        return Conversation.objects.select_related("team").get(uuid=talk.group)
