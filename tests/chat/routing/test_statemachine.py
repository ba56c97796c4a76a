"""Guarantees 17 and 18 against a model: whatever agents, visitors, settings and clocks do, a look
gives each waiting conversation to whom the protocol says, and nobody more than they may have."""

from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction
from django.utils import timezone as clock
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Member
from chat.background import router
from chat.models import ChatGroup, Conversation, GroupMember, GroupMessage, Presence, Reception
from chat.posting import batches
from chat.posting.actions import Decline
from chat.routing import live
from tests.chat.helpers import act_of, check_ledger, draft_of, new_guest
from tests.conftest import hire
from tests.examples import examples

from .desk import connect, disconnect, set_routing
from .model import Desk, Talk, Worker

BEGIN = datetime(2026, 3, 29, 0, 30, tzinfo=timezone.utc)
"""Half an hour before the clocks change in Berlin, where the team works."""
CAST = {}
AGENTS = some.integers(0, 2)
TALKS = some.integers(0, 4)
OFF = {
    "zone": "Europe/Berlin",
    "week": [[]] * 7,
    "holidays": [[f"2026-03-{n}", ""] for n in (28, 29, 30)],
}


class Routing(RuleBasedStateMachine):
    @initialize(
        mode=some.sampled_from(["offer", "assign"]),
        visitors=some.integers(1, 4),
        sockets=some.lists(AGENTS, unique=True),
        every=some.integers(1, 4),
    )
    def open(self, mode, visitors, sockets, every):
        for model in (ChatGroup, GroupMember, GroupMessage, Conversation, Reception, Presence):
            model.objects.all().delete()
        router.claimed.clear()
        CAST["now"] = BEGIN
        self.team, self.people = CAST["team"], CAST["people"]
        self.desk = Desk(mode)
        self.guests = []
        self.set_team()
        for number, member in enumerate(self.people):
            self.desk.workers[member.uuid] = Worker(member.uuid, number)
            fields = {"capacity": None, "missed_offers": 0, "given_at": None}
            Member.objects.filter(pk=member.pk).update(online_status=1, busy=False, **fields)
        for who in sockets:
            self.a_socket_opens(who)
        for _visitor in range(visitors):
            self.a_visitor_comes()
        self.steps, self.every = 0, every
        live.look()
        self.desk.look(self.now)

    @property
    def now(self) -> datetime:
        return CAST["now"]

    def set_team(self):
        hours = {} if self.desk.working else OFF
        set_routing(self.team, self.desk.mode, capacity=self.desk.capacity, hours=hours)

    def talk(self, number: int) -> Talk | None:
        talks = list(self.desk.talks.values())
        return talks[number] if number < len(talks) else None

    def worker(self, number: int) -> Worker:
        return self.desk.workers[self.people[number].uuid]

    def run(self, item) -> bool:
        """Whether it was done."""
        answer = batches.run([item])[0]
        return not (answer and answer["type"] == "error")

    @precondition(lambda self: len(self.guests) < 5)
    @rule()
    def a_visitor_comes(self):
        guest = new_guest(self.team)
        group = batches.run([guest.draft()])[0]["group"]
        self.guests.append(guest)
        seated = {member.uuid for member in self.people}
        talk = self.desk.talks[group] = Talk(group, len(self.guests), seated=seated)
        talk.begin_wait(self.now)

    @rule(number=TALKS)
    def a_visitor_writes(self, number):
        if talk := self.talk(number):
            batches.run([self.guests[number].draft(group=talk.group)])
            if not talk.open:
                talk.open = True
                talk.seated = {member.uuid for member in self.people}
            talk.snoozed = None
            talk.begin_wait(self.now)

    @rule(number=TALKS, who=AGENTS)
    def an_agent_answers(self, number, who):
        if (talk := self.talk(number)) and self.run(draft_of(self.people[who], talk.group)):
            talk.end_wait()
            holder = Conversation.objects.get(uuid=talk.group).claimed_by
            if holder != talk.holder:
                self.give(talk, holder)

    def give(self, talk: Talk, who: str):
        talk.give(who)
        self.desk.workers[who].given, self.desk.workers[who].missed = self.now, 0

    @rule(number=TALKS, who=AGENTS)
    def an_agent_claims(self, number, who):
        talk, member = self.talk(number), self.people[who]
        if talk and self.run(act_of("claim", member.uuid, talk.group)):
            self.worker(who).missed = 0
            if talk.holder != member.uuid:
                self.give(talk, member.uuid)

    @rule(number=TALKS, who=AGENTS, name=some.sampled_from(["release", "close", "leave"]))
    def an_agent_ends_something(self, number, who, name):
        talk, member = self.talk(number), self.people[who]
        if not talk or not self.run(act_of(name, member.uuid, talk.group)):
            return
        if name == "release" and talk.holder == member.uuid:
            talk.free()
            if talk.wait:
                talk.step_back(member.uuid, self.now)
        if name == "close":
            talk.open = False
            talk.snoozed = None
            talk.free()
            talk.end_wait()
        if name == "leave" and member.uuid in talk.seated:
            talk.seated.remove(member.uuid)
            if talk.holder == member.uuid:
                talk.free()
            if talk.offered == member.uuid:
                talk.drop()

    @rule(number=TALKS, who=AGENTS, minutes=some.integers(1, 3))
    def an_agent_snoozes(self, number, who, minutes):
        talk = self.talk(number)
        act = talk and act_of("snooze", self.people[who].uuid, talk.group, minutes=minutes)
        if talk and self.run(act):
            talk.snoozed = self.now + timedelta(minutes=minutes)
            talk.drop()

    @rule(number=TALKS, who=AGENTS)
    def an_agent_declines(self, number, who):
        talk, member = self.talk(number), self.people[who]
        if talk and self.run(Decline(member.uuid, talk.group)):
            self.worker(who).missed = 0
            if talk.offered == member.uuid:
                talk.step_back(member.uuid, self.now)
                talk.drop()

    @rule(who=AGENTS)
    def a_socket_opens(self, who):
        connect(self.people[who])
        self.worker(who).socket = True

    @rule(who=AGENTS)
    def a_socket_closes(self, who):
        disconnect(self.people[who])
        self.worker(who).socket = False

    @rule(who=AGENTS, state=some.sampled_from(["online", "busy", "offline"]))
    def an_agent_chooses_a_state(self, who, state):
        member = Member.objects.get(pk=self.people[who].pk)
        member.choose_state(state == "offline", state == "busy", self.now)
        self.worker(who).state, self.worker(who).missed = state, 0

    @rule(who=AGENTS, capacity=some.sampled_from([None, 0, 1, 3]))
    def a_manager_limits_an_agent(self, who, capacity):
        Member.objects.filter(pk=self.people[who].pk).update(capacity=capacity)
        self.worker(who).capacity = capacity

    @rule(
        mode=some.sampled_from(["everyone", "offer", "offer", "assign", "assign"]),
        capacity=some.integers(0, 3),
        working=some.sampled_from([True, True, True, False]),
    )
    def a_manager_changes_the_team(self, mode, capacity, working):
        self.desk.mode, self.desk.capacity, self.desk.working = mode, capacity, working
        self.set_team()

    @rule(seconds=some.sampled_from([1, 5, 20, 31, 61, 600, -300]))
    def time_passes(self, seconds):
        """Or the clock is put back: then leases that had ended by the later time count again until
        it comes, which is left out here."""
        CAST["now"] += timedelta(seconds=seconds)
        for number, member in enumerate(self.people):
            (connect if self.worker(number).socket else disconnect)(member)

    @invariant()
    def a_process_looks(self):
        """After each step, or each second to fourth."""
        self.steps += 1
        if self.steps % self.every:
            return
        router.look()
        self.desk.look(self.now)
        for talk in self.desk.talks.values():
            row = Conversation.objects.get(uuid=talk.group)
            wanted = talk.holder, talk.offered, talk.wait, talk.until
            assert (row.claimed_by, row.offered_to, row.waiting_since, row.offered_until) == wanted
        for worker in self.desk.workers.values():
            assert Member.objects.get(uuid=worker.who).missed_offers == worker.missed

    @invariant()
    def nobody_has_what_they_may_not(self):
        for row in Conversation.objects.exclude(offered_to=""):
            assert row.open and row.waiting_since and not row.claimed_by
            assert ChatGroup.objects.in_group(row.uuid).for_member(row.offered_to).exists()

    def teardown(self):
        check_ledger()


@pytest.mark.django_db
def test_every_look_decides_as_the_protocol_says(team, alice, bob, monkeypatch):
    CAST.update(team=team, people=[alice, bob, hire("carol", team.enterprise, team=team)])
    CAST["now"] = BEGIN
    monkeypatch.setattr(clock, "now", lambda: CAST["now"])
    # All of it is one transaction of the test, which is quicker than to commit each.
    monkeypatch.setattr(transaction, "on_commit", lambda function, **more: function())
    run_state_machine_as_test(
        Routing,
        settings=settings(
            max_examples=examples(25),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
