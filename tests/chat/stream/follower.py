"""A program that follows the stream, and people who do whatever the dice say."""

import random
from datetime import timedelta
from unittest.mock import ANY

from django.utils import timezone

from chat.care import joins, quarantine
from chat.ledger.threads import MESSAGE, NOTE
from chat.models import Conversation, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from chat.stream import reader
from chat.stream.types import TYPES
from chat.visitors.identities import Person
from tests.chat.helpers import act_of, draft_of, new_guest
from tests.chat.signed_visitors import session_guest


class Follower:
    """Reads with its cursor, and keeps what it is told."""

    def __init__(self, ent_id: str):
        self.ent_id, self.cursor = ent_id, None
        self.talks: dict[str, dict] = {}
        self.names: dict[str, str] = {}

    def read(self, limit: int = 7) -> None:
        while True:
            events, behind = reader.page(self.ent_id, self.cursor, limit, TYPES)
            for event in events:
                self.take(event["type"], event["data"])
            if behind == self.cursor:
                return
            self.cursor = behind

    def talk(self, group: str) -> dict:
        return self.talks.setdefault(group, {"quarantined": None, "messages": {}})

    def take(self, type: str, data: dict) -> None:
        if type.startswith("visitor."):
            return self.take_visitor(type, data)
        if type == "conversation.merged":
            gone = self.talks.pop(data["group"], {"messages": {}})
            moved = {seq + data["offset"]: text for seq, text in gone["messages"].items()}
            into = self.talk(data["into"])
            into["messages"] = moved | into["messages"]
            return
        talk = self.talk(data["group"])
        if type.startswith("message."):
            self.take_message(talk["messages"], type, data)
        else:
            talk |= {name: data[name] for name in ("team", "state", "visitor")}
        if type == "conversation.quarantined":
            talk["quarantined"] = data["quarantined"]

    def take_message(self, messages: dict, type: str, data: dict) -> None:
        """A message that is gone stays as None: an older copy of it may still be moved here."""
        message, of = data["message"], data.get("notice", {}).get("of")
        if type == "message.posted":
            messages[data["seq"]] = None if message["kind"] == "notice" else message["content"]
        elif type == "message.recalled":
            messages[of] = None
        elif "current" in message:
            messages[of] = message["current"]["content"]

    def take_visitor(self, type: str, data: dict) -> None:
        self.names[data["visitor"]] = data["name"]
        for one in data["conversations"]:
            if talk := self.talks.get(one["group"]):
                talk |= {"team": one["team"], "state": one["state"], "visitor": data["visitor"]}
                if type == "visitor.erased":
                    talk |= {"messages": {}, "quarantined": None}


def stored(names: dict[str, str]) -> tuple[dict, dict]:
    """The conversations as they are in the database, and the names of these visitors."""
    talks = {
        row.uuid: {
            "state": "open" if row.open else "closed",
            "quarantined": quarantined(row),
            "team": row.team.slug,
            "visitor": row.visitor_id,
            "messages": {},
        }
        for row in Conversation.objects.select_related("team")
    }
    spoken = GroupMessage.objects.filter(message_type__in=[MESSAGE, NOTE])
    silent = Conversation.objects.exclude(quarantined_for="").values("uuid")
    for row in spoken.exclude(group_id__in=silent):
        talks[row.group_id]["messages"][row.seq] = row.message_content
    people = Visitor.objects.filter(uuid__in=names)
    return talks, dict(people.values_list("uuid", "label"))


def quarantined(row: Conversation):
    """A close in quarantine is no end of it, and is told by the state alone."""
    if row.quarantined_for and not row.quarantined_since:
        return ANY
    return row.quarantined_for or None


class World:
    """What people do, chosen by the dice. What is refused changes nothing."""

    def __init__(self, dice: random.Random, team, alice, manager):
        self.dice, self.team, self.alice, self.manager = dice, team, alice, manager
        self.enterprise, self.guests, self.number = team.enterprise, [], 0

    def text(self) -> str:
        self.number += 1
        return f"text {self.number}"

    def step(self) -> None:
        groups = list(Conversation.objects.values_list("uuid", flat=True))
        group = self.dice.choice(groups) if groups else None
        chances = [self.begins, self.begins, self.writes, self.writes, self.is_known]
        if group:
            chances += [self.answers, self.answers, self.acts, self.acts, self.corrects]
            chances += [self.judges, self.judges, self.time_passes]
        act = self.dice.choice(chances)
        act(group) if act.__name__ in ("answers", "acts", "corrects", "judges") else act()

    def begins(self) -> None:
        guest = new_guest(self.team)
        draft = guest.draft(self.text())
        draft.opening.suspicion = self.dice.choice(["", "", "links"])
        batches.run([draft])
        self.guests.append(guest)

    def writes(self) -> None:
        person = session_guest(self.enterprise, self.team, self.dice.choice("78"), name="Wang")
        who = self.dice.choice([*self.guests, person])
        batches.run([who.draft(self.text())])

    def is_known(self) -> None:
        if self.guests:
            guest = self.guests.pop(self.dice.randrange(len(self.guests)))
            joins.join(guest.uuid, self.enterprise, Person(self.dice.choice("78"), "Wang"))

    def answers(self, group: str) -> None:
        note = self.dice.random() < 0.3
        batches.run([draft_of(self.alice, group, self.text(), note=note)])

    def acts(self, group: str) -> None:
        name, fields = self.dice.choice(
            [
                ("claim", {}),
                ("close", {"reason": "done"}),
                ("reopen", {}),
                ("tag", {"tag": "vip"}),
                ("transfer", {"team": self.dice.choice(["service", "sales"])}),
            ]
        )
        batches.run([act_of(name, self.alice.uuid, group, **fields)])

    def corrects(self, group: str) -> None:
        rows = GroupMessage.objects.filter(group_id=group, message_type__in=[MESSAGE, NOTE])
        if found := list(rows):
            row = self.dice.choice(found)
            if row.sender == self.alice.uuid and self.dice.random() < 0.6:
                batches.run([Edit(row.sender, group, row.seq, self.text())])
            else:
                batches.run([Recall(row.sender, group, row.seq)])

    def judges(self, group: str) -> None:
        name = self.dice.choice(["erase", "spam", "not_spam", "not_spam", "edit", "block"])
        more = {"edit": {"label": self.text()}, "block": {"minutes": 5, "reason": "rude"}}
        batches.run([VisitorAction(name, self.manager.uuid, group, **more.get(name, {}))])

    def time_passes(self) -> None:
        counting.count()
        if self.dice.random() < 0.2:
            quarantine.expire(timezone.now() + timedelta(days=8))


def check(follower: Follower) -> None:
    """Fails where it does not hold what the database holds."""
    talks, names = stored(follower.names)
    for talk in follower.talks.values():
        told = talk["messages"].items()
        talk["messages"] = {seq: text for seq, text in told if text is not None}
    assert follower.talks == talks
    assert {who: name for who, name in follower.names.items() if who in names} == names
