"""Seq, unread and cursors after any order of sends, reads, joins, leaves and retries.

Hypothesis drives the real code and a model in plain Python side by side; the model is written
from docs/protocol.md and knows nothing of how the tables are kept.
"""

import json
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from chat.conversations import seating
from chat.models import ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from chat.posting.items import Mark
from tests.conftest import hire
from tests.examples import examples

from .helpers import MESSAGE, NOTE, NOTICE, draft_of, new_guest, rows_of

CAST = {}
AGENTS = 3
GROUPS = 2


@dataclass
class Group:
    """What the model knows of a conversation: its rows, and the cursor of each who sits there."""

    visitor: str
    rows: list = field(default_factory=list)
    """(kind, sender, content, client_id); the seq is the position, counted from 1."""
    cursors: dict = field(default_factory=dict)
    holder: str = ""

    def visible(self, who: str) -> list[int]:
        return [
            number
            for number, (kind, *_) in enumerate(self.rows, 1)
            if kind != NOTE or who != self.visitor
        ]

    def unread(self, who: str) -> int:
        return sum(
            number > self.cursors[who]
            and self.rows[number - 1][0] != NOTICE
            and self.rows[number - 1][1] != who
            for number in self.visible(who)
        )

    def stale(self, sender: str, seen: int) -> bool:
        return any(
            kind == MESSAGE and author not in (sender, self.visitor)
            for kind, author, *_ in self.rows[seen:]
        )


class Chat(RuleBasedStateMachine):
    sent = Bundle("sent")

    @initialize()
    def open(self):
        self.agents = CAST["agents"]
        self.guests = [new_guest(CAST["team"]) for _ in range(GROUPS)]
        self.batch, self.expected, self.claims = [], [], 0
        self.groups: list[Group] = []
        self.ids = []
        self.stored: dict[tuple, tuple] = {}
        self.answers: dict[tuple, dict] = {}
        for guest in self.guests:
            draft = guest.draft("first")
            self.ids.append(batches.post(draft)["group"])
            group = Group(guest.uuid)
            group.rows = [(NOTICE, "", None, None), (MESSAGE, guest.uuid, "first", draft.client_id)]
            group.cursors = {agent.uuid: 0 for agent in self.agents[:2]} | {guest.uuid: 0}
            self.groups.append(group)

    @rule(
        target=sent,
        where=st.integers(0, GROUPS - 1),
        who=st.integers(-1, AGENTS - 1),
        note=st.booleans(),
        behind=st.none() | st.integers(0, 4),
        content=st.sampled_from(["你好", "👋", "hello", "%s", "'"]),
    )
    def send(self, where, who, note, behind, content):
        """`who` -1 is the visitor; `behind`: how far back the sender's screen is."""
        group = self.groups[where]
        if who < 0:
            draft = self.guests[where].draft(content, group=self.ids[where])
        else:
            seen = None if behind is None else max(0, len(group.rows) - behind)
            agent = self.agents[who]
            draft = draft_of(agent, self.ids[where], content, note=note, seen=seen)
        self.put(where, draft)
        return (where, draft)

    @rule(which=sent)
    def retry(self, which):
        where, draft = which
        self.put(where, replace(draft))

    @rule(target=sent, which=consumes(sent), content=st.sampled_from(["你好", "other words"]))
    def use_the_client_id_again(self, which, content):
        where, draft = which
        self.put(where, replace(draft, content=content))
        return which

    def put(self, where: int, draft):
        """Queues a draft, and says by the model what its answer must be."""
        group = self.groups[where]
        kind = NOTE if draft.note else MESSAGE
        if draft.sender not in group.cursors and draft.key not in self.stored:
            answer = "not_found"
        elif draft.key in self.stored:
            known = self.stored[draft.key]
            same = known[:3] == (where, kind, draft.content)
            answer = ("again", known[3]) if same else "conflict"
        elif draft.seen is not None and not draft.note and group.stale(draft.sender, draft.seen):
            answer = ("stale", len(group.rows))
        else:
            if kind == MESSAGE and draft.sender != group.visitor and not group.holder:
                # The answer claims the conversation, and the notice stands before it.
                group.rows.append((NOTICE, "", None, None))
                group.holder = draft.sender
                self.claims += 1
            group.rows.append((kind, draft.sender, draft.content, draft.client_id))
            self.stored[draft.key] = (where, kind, draft.content, len(group.rows))
            answer = ("new", len(group.rows))
        self.batch.append(draft)
        self.expected.append(answer)

    @rule(where=st.integers(0, GROUPS - 1), who=st.integers(-1, AGENTS - 1), seq=st.integers(0, 30))
    def read(self, where, who, seq):
        group = self.groups[where]
        reader = self.guests[where].uuid if who < 0 else self.agents[who].uuid
        self.batch.append(Mark(reader, self.ids[where], seq))
        if reader in group.cursors:
            last = max(group.visible(reader))
            group.cursors[reader] = max(group.cursors[reader], min(seq, last))
            self.expected.append(None)
        else:
            self.expected.append("not_found")

    @rule(who=st.integers(0, AGENTS - 1), where=st.integers(0, GROUPS - 1))
    def join(self, who, where):
        self.settle()
        agent, group = self.agents[who], self.groups[where]
        seating.join(agent, [self.ids[where]])
        if agent.uuid not in group.cursors:
            group.rows.append((NOTICE, "", None, None))
            group.cursors[agent.uuid] = len(group.rows)

    @rule(who=st.integers(0, AGENTS - 1), where=st.integers(0, GROUPS - 1))
    def leave(self, who, where):
        self.settle()
        agent, group = self.agents[who], self.groups[where]
        seating.leave(agent, [self.ids[where]])
        if agent.uuid in group.cursors:
            del group.cursors[agent.uuid]
            group.holder = "" if group.holder == agent.uuid else group.holder
            group.rows.append((NOTICE, "", None, None))

    @rule(target=sent)
    def settle(self):
        """Everything that waits goes through the real code as one batch."""
        batch, expected = self.batch, self.expected
        self.batch, self.expected = [], []
        outcome = batches.settle(batch)
        for item, answer, wanted in zip(batch, outcome.answers, expected, strict=True):
            self.check_answer(item, answer, wanted)
        self.check_events(outcome.announcements, expected)
        self.claims = 0
        return multiple()

    def check_answer(self, item, answer, wanted):
        if wanted is None:
            assert answer is None
        elif isinstance(wanted, str):
            assert answer["code"] == wanted
        elif wanted[0] == "stale":
            assert answer["code"] == "stale" and answer["last_seq"] == wanted[1]
            seqs = [message["seq"] for message in answer["messages"]]
            assert seqs == list(range(item.seen + 1, wanted[1] + 1))
        else:
            assert answer["type"] == "message.accepted" and answer["seq"] == wanted[1]
            first = self.answers.setdefault(item.key, answer)
            assert answer == first, "every retry has the same answer"

    def check_events(self, announcements, expected):
        """Each reader hears of each new row once, with the `prev` that is true for them."""
        heard, values = {}, {}
        for announcement in announcements:
            for readers, text in announcement.events:
                event = json.loads(text)
                if event["type"] == "message.posted":
                    for reader in readers:
                        message = event["message"]
                        place = heard.setdefault((reader, message["group"]), [])
                        place.append((message["seq"], event["prev"]))
            for who, group, value, _version in announcement.unread:
                values[who, group] = value
        new = sum(isinstance(answer, tuple) and answer[0] == "new" for answer in expected)
        new += self.claims
        assert len({(g, seq) for (_, g), told in heard.items() for seq, _ in told}) == new
        for (reader, uuid), told in heard.items():
            group = self.groups[self.ids.index(uuid)]
            visible = group.visible(reader)
            for seq, prev in told:
                assert seq in visible, "somebody hears what they may not see"
                assert prev == max((other for other in visible if other < seq), default=0)
            assert [seq for seq, _ in told] == visible[-len(told) :]
        for (who, uuid), value in values.items():
            assert value == self.groups[self.ids.index(uuid)].unread(who)

    @invariant()
    def the_database_says_what_the_model_says(self):
        if not getattr(self, "groups", None) or self.batch:
            return
        for uuid, group in zip(self.ids, self.groups, strict=True):
            rows = [(row.message_type, row.sender) for row in rows_of(uuid)]
            seqs = [row.seq for row in rows_of(uuid)]
            assert seqs == list(range(1, len(seqs) + 1))
            assert rows == [row[:2] for row in group.rows]
            found = Conversation.objects.get(uuid=uuid)
            spoken = [n for n, (kind, *_) in enumerate(group.rows, 1) if kind != NOTICE]
            assert found.last_seq == len(group.rows)
            assert found.claimed_by == group.holder
            assert found.public_seq == max(group.visible(group.visitor))
            assert found.message_seq == max(spoken)
            seats = {seat.member_id: seat for seat in ChatGroup.objects.in_group(uuid)}
            assert {who: seat.read_seq for who, seat in seats.items()} == group.cursors
            unread = {who: seat.unread for who, seat in seats.items()}
            assert unread == {who: group.unread(who) for who in group.cursors}

    def teardown(self):
        if getattr(self, "groups", None):
            self.settle()
            self.the_database_says_what_the_model_says()


@pytest.mark.django_db(transaction=True)
def test_any_order_of_events_leaves_seq_unread_and_cursors_exact(team):
    type(team).objects.update(answering_claims=True)
    CAST["team"] = team
    CAST["agents"] = [hire(name, team.enterprise, team=team) for name in ("ann", "ben")]
    CAST["agents"].append(hire("cho", team.enterprise))
    run_state_machine_as_test(
        Chat,
        settings=settings(
            max_examples=examples(40),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert GroupMessage.objects.exists()
