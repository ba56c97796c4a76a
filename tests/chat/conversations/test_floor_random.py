"""The floor after any order of what visitor, bot and people do, against a model: who waits for whom
since when, and that no word of the bot stands after a person's in a reception."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.conversations import floor
from chat.models import Conversation
from chat.posting import batches
from chat.posting.actions import Ending, Wish
from chat.presence import leases
from chat.protocol.errors import Refused
from tests.chat.helpers import MESSAGE, act_of, check_ledger, draft_of, new_guest, rows_of
from tests.examples import examples

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 27, 20, 10, 30, tzinfo=timezone.utc)
STEPS = [
    *("says", "says", "says", "bot", "bot", "handover", "wish", "claim", "release", "person"),
    *("note", "close", "ends", "reopen", "silent"),
]


@dataclass
class Model:
    """`asked` and `waiting`: since when a message waits for the bot, and the visitor for people."""

    open: bool = True
    floor: bool = True
    claimed: bool = False
    asked: datetime | None = None
    waiting: datetime | None = None

    def begin(self) -> None:
        self.__init__()

    def hand_over(self, now: datetime | None) -> None:
        if self.floor:
            self.waiting = self.asked or now
        self.floor, self.asked = False, None

    def end(self) -> None:
        self.open = self.floor = self.claimed = False
        self.asked = self.waiting = None


class Talk:
    """Plays steps, eleven seconds apart: no close is taken back at once."""

    def __init__(self, monkeypatch, team, person, bot):
        self.now, self.person, self.bot, self.model = START, person, bot, Model()
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)
        self.guest = new_guest(team)
        leases.renew([bot.uuid], restart=True)
        self.group = batches.post(self.guest.draft())["group"]
        self.model.asked = self.now

    def play(self, step: str) -> None:
        self.now += timedelta(seconds=11)
        leases.renew([self.bot.uuid], restart=True)
        getattr(self, step)()
        self.check()

    def says(self) -> None:
        if not self.model.open:
            self.model.begin()
        batches.post(self.guest.draft("hello?", group=self.group))
        if self.model.floor:
            self.model.asked = self.model.asked or self.now
        else:
            self.model.waiting = self.model.waiting or self.now

    def speak(self) -> None:
        seen = self.row.last_seq
        answer = batches.run([draft_of(self.bot, self.group, "a bot", bot=True, seen=seen)])[0]
        assert (answer["type"] == "message.accepted") == self.model.floor, answer
        if self.model.floor:
            self.model.asked = None

    def act(self, name: str, who) -> None:
        try:
            batches.do(act_of(name, who.uuid, self.group))
        except Refused:
            pass

    def handover(self) -> None:
        self.act("handover", self.bot)
        self.model.hand_over(self.now)

    def wish(self) -> None:
        batches.do(Wish(self.guest.uuid, self.group))
        self.model.hand_over(self.now)

    def claim(self) -> None:
        self.act("claim", self.person)
        if self.model.open:
            self.model.claimed = True
            self.model.hand_over(None)

    def release(self) -> None:
        self.act("release", self.person)
        self.model.claimed = False

    def person_says(self) -> None:
        batches.post(draft_of(self.person, self.group, "a person"))
        self.model.floor, self.model.asked, self.model.waiting = False, None, None

    def note(self) -> None:
        batches.post(draft_of(self.person, self.group, "for colleagues", note=True))

    def close(self) -> None:
        self.act("close", self.person)
        self.model.end()

    def ends(self) -> None:
        batches.do(Ending(self.guest.uuid, self.group))
        self.model.end()

    def reopen(self) -> None:
        if not self.model.open:
            self.model.begin()
        self.act("reopen", self.person)

    def silent(self) -> None:
        self.now += timedelta(seconds=31)
        leases.renew([self.bot.uuid])
        floor.expire()
        if self.model.asked:
            self.model.hand_over(self.now)

    @property
    def row(self) -> Conversation:
        return Conversation.objects.get(uuid=self.group)

    def check(self) -> None:
        row, model = self.row, self.model
        assert (row.open, bool(row.claimed_by)) == (model.open, model.claimed)
        assert bool(row.bot) == model.floor
        assert (row.bot_asked_at, row.waiting_since) == (model.asked, model.waiting)
        assert not (row.bot and row.waiting_since), "nobody waits while a bot has the floor"
        self.check_words()

    def check_words(self) -> None:
        """A reception begins with a notice that says whether a bot has the floor."""
        may = False
        for one in rows_of(self.group):
            event = (one.data or {}).get("event")
            said = one.message_type == MESSAGE and one.sender
            if event in ("opened", "reopened"):
                may = "bot" in one.data
            elif event in ("claimed", "handed_over", "closed") or said == self.person.uuid:
                may = False
            elif said == self.bot.uuid:
                assert may, "a bot spoke over a person"


@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=40))
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_who_waits_for_whom_is_what_the_model_says(team, alice, bot, monkeypatch, steps):
    names = {"bot": "speak", "person": "person_says"}
    with transaction.atomic():
        talk = Talk(monkeypatch, team, alice, bot)
        for step in steps:
            talk.play(names.get(step, step))
        check_ledger()
        transaction.set_rollback(True)
