"""Guarantee 9: whatever happened, a page that heard all events knows what a fresh load tells.

Hypothesis lets a small team act in any order, and delivers to each page what it was told in any
order too, as two processes do. A page is modelled from docs/protocol.md: for each fact it keeps
the version it belongs to, and leaves older ones alone.
"""

import json
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Member, TeamMember
from accounts.setup import find_or_create_team, join_team
from chat import announce, inbox, pages, posting
from chat.actions import Action, Rating
from chat.models import ChatGroup, Conversation
from tests.conftest import hire

from .helpers import check_ledger, draft_of, new_guest

CAST = {}
NAMES = ("claim", "release", "close", "reopen", "leave", "invite", "remove", "transfer")
FACTS = (
    *("open", "claimed_by", "claimed_name", "team", "team_name", "waiting_since", "rating"),
    *("members", "target"),
)


class Page:
    """What one agent's page knows of each conversation, from events alone."""

    def __init__(self, who: str):
        self.who = who
        self.seated: set[str] = set()
        self.facts: dict[tuple[str, str], object] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.waiting: list[dict] = []

    def hear(self, event: dict) -> None:
        group, version = event.get("group"), event.get("version", 0)
        if event["type"] == "conversation.left" and self.newer(group, "seat", version):
            self.seated.discard(group)
        elif event["type"] == "conversation":
            if "group_name" in event and self.newer(group, "seat", version):
                self.seated.add(group)
            for name in FACTS:
                if name in event and self.newer(group, name, version):
                    self.facts[group, name] = event[name]

    def newer(self, group: str, name: str, version: int) -> bool:
        """Whether this is not older than what is known of it; remembers it then."""
        if version < self.versions.get((group, name), 0):
            return False
        self.versions[group, name] = version
        return True


def plain(row: dict) -> dict:
    """A row's facts, members without what is no fact of the conversation."""
    members = [(one["member"], one["name"], one["leader"]) for one in row["members"]]
    return {name: row[name] for name in FACTS if name != "members"} | {"members": members}


class Team(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.people = CAST["people"]
        for place in TeamMember.objects.exclude(member=self.people[2]):
            place.delete()
        for member in self.people[:2]:
            join_team(member, CAST["team"])
        self.guest = new_guest(CAST["team"])
        self.pages = {member.uuid: Page(member.uuid) for member in self.people}
        CAST["tell"] = self.tell
        self.group = posting.post(self.guest.draft("first"))["group"]

    def tell(self, announcements):
        for announcement in announcements:
            for recipients, event in announcement.events:
                for who in recipients:
                    if who in self.pages:
                        self.pages[who].waiting.append(json.loads(event))

    @rule(
        name=st.sampled_from(NAMES),
        who=st.integers(0, 3),
        whom=st.integers(0, 3),
        team=st.sampled_from([None, None, "sales", "service"]),
        take_over=st.booleans(),
        note=st.sampled_from(["", "for you"]),
    )
    def act(self, name, who, whom, team, take_over, note):
        member = None if team and name == "transfer" else self.people[whom].uuid
        team = team if name == "transfer" else None
        action = Action(name, self.people[who].uuid, self.group, member, team, note, take_over)
        answer = posting.run([action])[0]
        if answer and answer["type"] == "error":
            assert answer["code"] in ("claimed", "conflict", "forbidden", "not_found")

    @rule(count=st.integers(1, 2))
    def visitor_writes(self, count):
        posting.run([self.guest.draft(f"{n}", group=self.group) for n in range(count)])

    @rule(who=st.integers(0, 3), note=st.booleans())
    def agent_writes(self, who, note):
        posting.run([draft_of(self.people[who], self.group, "answer", note=note)])

    @rule(score=st.integers(1, 5))
    def visitor_rates(self, score):
        posting.run([Rating(self.guest.uuid, self.group, score, "")])

    @rule(who=st.integers(0, 1))
    def the_manager_moves_somebody(self, who):
        place = TeamMember.objects.filter(member=self.people[who]).first()
        if place:
            place.delete()
        else:
            join_team(self.people[who], CAST["team"])

    @rule(who=st.integers(0, 1))
    def somebody_is_promoted(self, who):
        """No event of the conversation and without a number: told in its order."""
        self.deliver(0)
        place = TeamMember.objects.filter(member=self.people[who]).first()
        if place:
            types = TeamMember.Type
            leads = place.member_type == types.LEADER
            place.member_type = types.MEMBER if leads else types.LEADER
            place.save()
        self.deliver(0)

    @rule(seed=st.integers(0, 999))
    def deliver(self, seed):
        """All that was told arrives, in any order."""
        order = random.Random(seed)
        for page in self.pages.values():
            order.shuffle(page.waiting)
            for event in page.waiting:
                page.hear(event)
            page.waiting = []
        self.compare()

    def compare(self):
        visitors = {self.group: self.guest.uuid}
        members = pages.members_of(visitors)[self.group]
        for who, page in self.pages.items():
            fresh = {}
            for row in inbox.rows_of(who, [self.group]):
                row = row | {"members": members}
                fresh = json.loads(json.dumps(row, default=iso))
            if not fresh:
                assert self.group not in page.seated, "seated no more"
                continue
            assert self.group in page.seated, "seated"
            known = {name: page.facts[self.group, name] for name in FACTS}
            known["waiting_since"] = bool(known["waiting_since"])
            fresh["waiting_since"] = bool(fresh["waiting_since"])
            assert plain(known) == plain(fresh)

    @invariant()
    def the_claim_is_with_somebody_who_sits_there_and_only_while_it_is_open(self):
        if not hasattr(self, "group"):
            return
        found = Conversation.objects.get(uuid=self.group)
        if found.claimed_by:
            seats = ChatGroup.objects.in_group(self.group)
            assert found.open and seats.of(found.claimed_by).exists()

    def teardown(self):
        if hasattr(self, "group"):
            self.deliver(0)
            check_ledger()


def iso(moment):
    return moment.isoformat()


@pytest.mark.django_db(transaction=True)
def test_pages_that_heard_everything_in_any_order_know_what_a_fresh_load_tells(team, monkeypatch):
    enterprise = team.enterprise
    CAST["team"] = team
    CAST["people"] = [hire(name, enterprise, team=team) for name in ("ann", "ben")]
    CAST["people"].append(hire("cho", enterprise))
    join_team(CAST["people"][2], find_or_create_team(enterprise, "sales", "Sales"))
    CAST["people"].append(hire("mia", enterprise, Member.Role.MANAGER))
    CAST["tell"] = lambda announcements: None
    monkeypatch.setattr(announce, "send", lambda announcements: CAST["tell"](announcements))
    run_state_machine_as_test(
        Team,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Conversation.objects.exists()
