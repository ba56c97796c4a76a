"""Guarantee 9: whatever happened, a page that heard all events knows what a fresh load tells, and
one that lost some knows it after a sync.

Hypothesis lets a small team act in any order, and delivers to each page what it was told in any
order too, as two processes do, or loses it, as Redis does.
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
from chat.conversations import seating
from chat.delivery import announce
from chat.models import ChatGroup, Conversation, GroupMember, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Edit, Rating, Recall
from chat.posting.items import Mark
from chat.reading import history
from tests.conftest import hire
from tests.examples import examples

from .helpers import act_of, check_ledger, draft_of, new_guest
from .page_model import UNREAD, Page, loaded, read_here

CAST = {}
NAMES = ("claim", "release", "close", "reopen", "leave", "invite", "remove", "transfer")


class Team(RuleBasedStateMachine):
    @initialize()
    def open(self):
        for model in (ChatGroup, GroupMember, GroupMessage, Conversation):
            model.objects.all().delete()
        self.people = CAST["people"]
        for place in TeamMember.objects.exclude(member=self.people[2]):
            place.delete()
        for member in self.people[:2]:
            join_team(member, CAST["team"])
        self.guest = new_guest(CAST["team"])
        names = dict(zip(self.people, "abcd", strict=True))
        for member, name in names.items():
            Member.objects.filter(pk=member.pk).update(status=Member.Status.NORMAL, nickname=name)
            member.refresh_from_db()
        self.pages = {member.uuid: Page(member) for member in self.people}
        CAST["tell"] = self.tell
        self.group = batches.post(self.guest.draft("first"))["group"]

    def tell(self, announcements):
        everybody = f"agents:{CAST['team'].enterprise.code}"
        for announcement in announcements:
            told = {who: [] for who in self.pages}
            for recipients, event in announcement.events:
                for who in told if everybody in recipients else told.keys() & set(recipients):
                    told[who].append(json.loads(event))
            for who, group, value, version in announcement.unread:
                if who in told:
                    event = {"type": UNREAD, "group": group, "value": value, "version": version}
                    told[who].append(event)
            for who, events in told.items():
                self.pages[who].waiting += [events] if events else []

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
        fields = {"member": member, "team": team, "note": note, "take_over": take_over}
        action = act_of(name, self.people[who].uuid, self.group, **fields)
        answer = batches.run([action])[0]
        if answer and answer["type"] == "error":
            assert answer["code"] in ("claimed", "conflict", "forbidden", "not_found")

    @rule(count=st.integers(1, 2))
    def visitor_writes(self, count):
        batches.run([self.guest.draft(f"{n}", group=self.group) for n in range(count)])

    @rule(who=st.integers(0, 3), note=st.booleans())
    def agent_writes(self, who, note):
        member = Member.objects.get(pk=self.people[who].pk)
        (answer,) = batches.run([draft_of(member, self.group, "answer", note=note)])
        found = Conversation.objects.get(uuid=self.group)
        if answer["type"] == "message.accepted" and not note and found.open:
            assert found.claimed_by, "an answer claims what nobody holds"

    @rule(score=st.integers(1, 5))
    def visitor_rates(self, score):
        batches.run([Rating(self.guest.uuid, self.group, score, "")])

    @rule(who=st.integers(0, 1))
    def the_manager_moves_somebody(self, who):
        place = TeamMember.objects.filter(member=self.people[who]).first()
        if place:
            place.delete()
        else:
            join_team(self.people[who], CAST["team"])

    @rule(who=st.integers(0, 3), back=st.integers(0, 3))
    def somebody_recalls(self, who, back):
        mine = GroupMessage.objects.in_group(self.group).filter(sender=self.people[who].uuid)
        for seq in mine.order_by("-seq").values_list("seq", flat=True)[back : back + 1]:
            batches.run([Recall(self.people[who].uuid, self.group, seq)])

    @rule(who=st.integers(0, 3), back=st.integers(0, 3), text=st.sampled_from("xyz"))
    def somebody_edits(self, who, back, text):
        mine = GroupMessage.objects.in_group(self.group).filter(sender=self.people[who].uuid)
        for seq in mine.order_by("-seq").values_list("seq", flat=True)[back : back + 1]:
            batches.run([Edit(self.people[who].uuid, self.group, seq, text)])

    @rule(who=st.integers(0, 3), back=st.integers(0, 3))
    def somebody_reads(self, who, back):
        last = Conversation.objects.values_list("last_seq", flat=True).get(uuid=self.group)
        batches.run([Mark(self.people[who].uuid, self.group, max(last - back, 0))])

    @rule(who=st.integers(0, 1), allowed=st.booleans())
    def the_manager_disables_somebody(self, who, allowed):
        member = Member.objects.get(pk=self.people[who].pk)
        member.status = Member.Status.NORMAL if allowed else Member.Status.CLOSED
        member.save()

    # Without a row and a number: told in its order, and after a loss at the next connection.

    @rule(who=st.integers(0, 1))
    def somebody_is_promoted(self, who):
        self.deliver(0)
        place = TeamMember.objects.filter(member=self.people[who]).first()
        if place:
            types = TeamMember.Type
            leads = place.member_type == types.LEADER
            place.member_type = types.MEMBER if leads else types.LEADER
            place.save()
        self.deliver(0)

    @rule(who=st.integers(0, 3), name=st.sampled_from(["小艾", "Zoe", "阿强"]))
    def somebody_has_another_name(self, who, name):
        self.deliver(0)
        member = Member.objects.get(pk=self.people[who].pk)
        member.nickname = name
        member.save()
        self.deliver(0)

    @rule(name=st.sampled_from(["王先生", "Ms. Li"]))
    def the_visitor_has_another_name(self, name):
        self.deliver(0)
        visitor = Visitor.objects.get(uuid=self.guest.uuid)
        visitor.label = name
        visitor.save()
        seating.rename(visitor)
        self.deliver(0)

    @rule(seed=st.integers(0, 999))
    def deliver(self, seed):
        """All that was told arrives, in any order."""
        order = random.Random(seed)
        for page in self.pages.values():
            order.shuffle(page.waiting)
            page.arrive()
            if not page.lost:
                self.compare(page)

    @rule(who=st.integers(0, 3))
    def a_push_is_lost(self, who):
        """All that was told to this page since the last delivery."""
        page = self.pages[self.people[who].uuid]
        page.lost = page.lost or bool(page.waiting)
        page.waiting = []

    @rule(who=st.integers(0, 3))
    def a_page_syncs(self, who):
        page = self.pages[self.people[who].uuid]
        page.sync()
        self.compare(page)
        self.compare_messages(page)

    @rule(who=st.integers(0, 3), anew=st.booleans())
    def a_page_comes_back(self, who, anew):
        """On another connection, or loaded anew."""
        page = self.pages[self.people[who].uuid]
        page.reload() if anew else page.connect()
        page.sync()
        self.compare(page)
        self.compare_messages(page)

    def compare(self, page):
        fresh = loaded(page, self.group)
        if fresh and not fresh["open"] and (self.group, "seat") not in page.versions:
            # Opened and closed while the page was away: none of its open views shows that.
            return
        assert (self.group in page.seated) == (fresh is not None), "seated"
        if fresh:
            assert page.knows(self.group) == fresh
        assert page.totals.sum == (fresh["unread"] if fresh else 0)

    def compare_messages(self, page):
        if self.group not in page.seated:
            return
        found = Conversation.objects.get(uuid=self.group)
        rows, _more = history.messages(found, as_visitor=False, limit=10_000)
        recalled = [row["data"]["event"] == "recalled" if row["data"] else False for row in rows]
        stored = {
            row["seq"]: gone or row["content"] for row, gone in zip(rows, recalled, strict=True)
        }
        assert page.shows(self.group) == stored

    @invariant()
    def the_claim_is_with_somebody_who_sits_there_and_only_while_it_is_open(self):
        if not hasattr(self, "group"):
            return
        found = Conversation.objects.get(uuid=self.group)
        if found.claimed_by:
            seats = ChatGroup.objects.in_group(self.group)
            assert found.open and seats.for_member(found.claimed_by).exists()

    def teardown(self):
        if hasattr(self, "group"):
            self.deliver(0)
            for who in range(len(self.people)):
                self.a_page_syncs(who)
            check_ledger()


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_pages_that_heard_everything_in_any_order_know_what_a_fresh_load_tells(team, monkeypatch):
    enterprise = team.enterprise
    type(team).objects.update(answering_claims=True)
    CAST["team"] = team
    CAST["people"] = [hire(name, enterprise, team=team) for name in ("ann", "ben")]
    CAST["people"].append(hire("cho", enterprise))
    join_team(CAST["people"][2], find_or_create_team(enterprise, "sales", "Sales"))
    CAST["people"].append(hire("mia", enterprise, Member.Role.MANAGER))
    CAST["tell"] = lambda announcements: None
    read_here(monkeypatch)
    monkeypatch.setattr(announce, "send", lambda announcements: CAST["tell"](announcements))
    run_state_machine_as_test(
        Team,
        settings=settings(
            max_examples=examples(30),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Conversation.objects.exists()
