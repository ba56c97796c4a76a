"""A team at work on two server processes: its windows, and what all of them must know.

`Hour.fire` lets people act at once and waits until all are answered. Then `race_model.Talk`
follows the stored rows and says what may have come of it, and rows, seats, answers and what every
open socket was told have to agree with it.
"""

import asyncio
import json
import random
import time
from collections import Counter
from itertools import chain
from unittest.mock import ANY

from accounts.models import Member, TeamMember
from accounts.setup import find_or_create_team, join_team
from chat.models import ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from tests.chat.helpers import Guest, check_ledger, database, new_guest, new_id, session_cookie
from tests.conftest import hire

from .fleet import Fleet, Page
from .race_model import Talk
from .race_rules import Act, House, Row, Seat

WITHIN = 20
"""Seconds within which an answer is there, and everything has arrived, on a busy machine."""


FACTS = {"open", "claimed_by", "team", "snoozed_until", "members", "seated"}


class Window(Page):
    """A page's socket: what it was told of rows and facts, and the refusal of what it asked."""

    def __init__(self, wire):
        super().__init__(wire)
        self.pushed: list[tuple[str, int]] = []
        self.texts: dict[tuple[str, int], str] = {}
        self.facts: dict[tuple[str, str], tuple[int, object]] = {}
        self.refusals: list[dict] = []
        self.synced = asyncio.Queue()

    def hear(self, event: dict) -> None:
        super().hear(event)
        match event["type"]:
            case "message.posted":
                place = event["message"]["group"], event["message"]["seq"]
                self.pushed.append(place)
                self.texts[place] = event["message"]["content"]
            case "conversation":
                seated = {"seated": True} if "cursor" in event else {}
                self.learn(event, seated | event)
            case "conversation.left":
                self.learn(event, {"seated": False})
            case "error" if "client_id" not in event:
                self.refusals.append(event)
            case "synced":
                self.synced.put_nowait(event)

    def learn(self, event: dict, facts: dict) -> None:
        for name in FACTS & facts.keys():
            known = self.facts.get((event["group"], name), (0, None))
            if event["version"] >= known[0]:
                self.facts[event["group"], name] = event["version"], facts[name]

    async def ask(self, act: Act, group: str) -> None:
        """Sends what `act` says and waits for the answer. What was done is not answered, so a
        message to nowhere follows, whose refusal comes after it."""
        self.refusals.clear()
        if act.name in ("message", "note"):
            fields = {"note": True} if act.name == "note" else {}
            if act.seen is not None:
                fields["seen"] = act.seen
            answer = await self.say(act.content, act.client_id, group=group, **fields)
            act.outcome, act.accepted = answer.get("code", ""), answer.get("seq", 0)
            return
        if act.name in ("read", "recall"):
            await self.wire.send(f"message.{act.name}", group=group, seq=act.seq)
        else:
            await self.wire.send(f"conversation.{act.name}", group=group, **fields_of(act))
        nowhere = await self.say("is it done?", group=new_id())
        assert nowhere["code"] == "not_found"
        codes = [refusal["code"] for refusal in self.refusals]
        assert len(codes) <= 1, self.refusals
        act.outcome = codes[0] if codes else ""

    async def sync(self, held: dict[str, int]) -> dict:
        await self.wire.send("sync", groups=held)
        return await asyncio.wait_for(self.synced.get(), WITHIN)


def fields_of(act: Act) -> dict:
    names = "member", "team", "note", "take_over", "minutes", "reason", "summary"
    return {name: value for name in names if (value := getattr(act, name))}


class Hour:
    """Everybody at work: two conversations with a model of each, and windows of all people."""

    def __init__(self, fleet: Fleet, chance: random.Random):
        self.fleet, self.chance = fleet, chance
        self.windows: dict[str, list[Window]] = {}
        self.cookies: dict[str, str] = {}
        self.guests: dict[str, Guest] = {}
        self.told: list[str] = []

    def hire(self, team) -> None:
        """The cast: a leader and two agents, of whom one is in the other team, too; one who is in
        that team alone; and a manager."""
        sales = find_or_create_team(team.enterprise, "sales", "Sales")
        team.enterprise.teams.update(answering_claims=True)
        leader = TeamMember.Type.LEADER
        people = {name: hire(name, team.enterprise) for name in ("ann", "ben", "cho", "dan")}
        people["mia"] = hire("mia", team.enterprise, Member.Role.MANAGER)
        join_team(people["ann"], team, leader)
        for name in ("ben", "cho"):
            join_team(people[name], team)
        join_team(people["cho"], sales)
        join_team(people["dan"], sales, leader)
        ids = {name: one.uuid for name, one in people.items()}
        teams = {
            "service": {ids["ann"]: True, ids["ben"]: False, ids["cho"]: False},
            "sales": {ids["cho"]: False, ids["dan"]: True},
        }
        names = {who: name for name, who in ids.items()}
        self.house = House(teams, {ids["mia"]}, names)
        self.staff = list(names)
        self.cookies = {one.uuid: session_cookie(one) for one in people.values()}
        self.talks = {}
        for number in range(2):
            guest = new_guest(team)
            group = batches.post(guest.draft("first"))["group"]
            self.guests[guest.uuid] = guest
            self.house.names[guest.uuid] = f"visitor{number}"
            self.cookies[guest.uuid] = guest.cookie
            seats = {who: Seat(leads, 0) for who, leads in teams["service"].items()}
            seats[guest.uuid] = Seat(False, 0)
            talk = Talk(self.house, guest.uuid, True, "", "service", seats, [])
            talk.rows = rows_since(group, 0)
            self.talks[group] = talk

    async def connect(self) -> None:
        """Two windows of each on each process."""
        for who, cookie in self.cookies.items():
            self.windows[who] = await self.fleet.on_each(self.guests.get(who, cookie), 2, Window)

    async def close(self) -> None:
        windows = chain.from_iterable(self.windows.values())
        await asyncio.gather(*(window.close() for window in windows))

    async def fire(self, name: str, bunches: dict[str, list[Act]]) -> None:
        free = {who: [[0, 2], [1, 3]] for who in self.windows}
        work = []
        for group, acts in bunches.items():
            for act in list(acts):
                mine = free[act.who][list(self.talks).index(group)]
                if act.name == "read" and act.who in self.guests and not mine:
                    acts.remove(act)  # Visitors read by sockets alone.
                    continue
                elsewhere = self.chance.random() < 0.2 and act.name != "read"
                if act.name == "history" or not mine or elsewhere:
                    work.append(self.by_http(act, group))
                else:
                    number = mine.pop(self.chance.randrange(len(mine)))
                    work.append(self.windows[act.who][number].ask(act, group))
        self.chance.shuffle(work)
        await asyncio.gather(*work)
        for group, acts in bunches.items():
            talk = self.talks[group]
            told = [talk.tell(act) for act in acts]
            self.told.append(f"{name}: {'; '.join(told)}")
            talk.replay(acts, await database(rows_since)(group, len(talk.rows)))
            await database(compare)(talk, group)
        await self.settle()

    async def by_http(self, act: Act, group: str) -> None:
        """The same as a page without a socket asks it."""
        if act.who in self.guests:
            place = f"/chat/{self.guests[act.who].enterprise.code}"
        else:
            place = f"/agent/c/{group}"
        cookie = self.cookies[act.who]
        if act.name == "history":
            path = f"{place}/messages/?after=0&limit=200"
            status, body = await self.fleet.request("GET", path, cookie)
        elif act.name in ("message", "note"):
            fields = {"content": act.content, "client_id": act.client_id}
            fields |= {"note": 1} if act.name == "note" else {}
            fields |= {} if act.seen is None else {"seen": act.seen}
            status, body = await self.fleet.request("POST", f"{place}/messages/", cookie, **fields)
        elif act.name in ("read", "recall"):
            path = f"{place}/{act.name}/"
            status, body = await self.fleet.request("POST", path, cookie, seq=act.seq)
        else:
            fields = {"action": act.name} | fields_of(act) | {"take_over": int(act.take_over)}
            status, body = await self.fleet.request("POST", f"{place}/actions/", cookie, **fields)
        answer = json.loads(body)
        assert status < 500, answer
        act.outcome, act.accepted = answer.get("error", ""), answer.get("seq", 0)
        if act.name == "history" and status == 200:
            seqs = [message["seq"] for message in answer["messages"]]
            assert seqs == list(range(1, len(seqs) + 1)) or answer["more"]

    async def settle(self) -> None:
        """Waits until every window was told what it has to be told; never anything else."""
        stored = await database(unread_of)(list(self.talks))
        deadline = time.monotonic() + WITHIN
        for who, windows in self.windows.items():
            for number, window in enumerate(windows):
                while wrong := self.wrong(who, window, stored):
                    name = self.house.names[who]
                    assert time.monotonic() < deadline, f"window {number} of {name}: {wrong}"
                    await asyncio.sleep(0.01)

    def wrong(self, who: str, window: Window, stored: dict) -> str:
        """What a window does not know yet. Asserts that it knows nothing that it must not."""
        assert not window.task.done(), window.task
        for group, talk in self.talks.items():
            told = {row.seq for row in talk.rows if who in row.told}
            may = {row.seq for row in talk.rows if who in row.may}
            count = Counter(seq for place, seq in window.pushed if place == group)
            wrong = count.keys() - told - may
            assert not wrong, f"{self.house.names[who]} heard {wrong}, may not"
            assert all(times == 1 for times in count.values()), "told twice"
            if missing := told - count.keys():
                return f"has not heard {missing}"
            if who in self.staff and (wrong := self.wrong_facts(who, window, group)):
                return wrong
            unread = stored.get((who, group), 0)
            if group in window.unread and window.unread[group]["unread"] != unread:
                return f"unread is {window.unread[group]['unread']}, not {unread}"
        return ""

    def wrong_facts(self, who: str, window: Window, group: str) -> str:
        """What an agent's window believes of a conversation against how it is."""
        talk = self.talks[group]
        known = {n: value for (place, n), (_v, value) in window.facts.items() if place == group}
        if who not in talk.seats:
            return "believes to sit there" if known.get("seated") else ""
        facts = {"open": talk.open, "claimed_by": talk.holder or None, "team": talk.team}
        facts |= {"seated": True, "members": talk.agents(), "snoozed_until": talk.snoozed}
        if "snoozed_until" in known:
            known["snoozed_until"] = bool(known["snoozed_until"])
        if "members" in known:
            known["members"] = {member["member"] for member in known["members"]}
        expected = {name: facts[name] for name in known}
        return "" if known == expected else f"believes {known}, not {expected}"

    async def finish(self) -> None:
        """A fresh window of everybody learns by sync exactly what they may see, and an old one
        misses nothing of it."""
        for who, cookie in self.cookies.items():
            fresh = await self.fleet.on_each(self.guests.get(who, cookie), 1, Window)
            for window in fresh:
                await window.sync(dict.fromkeys(self.talks, 0))
                expected = await database(visible)(who, self.talks)
                assert window.texts == expected, "a sync tells something else than the rows"
                await window.close()
            for window in self.windows[who]:
                answer = await window.sync(dict.fromkeys(self.talks, 0))
                seated = {group for group, talk in self.talks.items() if who in talk.seats}
                assert answer["groups"].keys() == seated
                assert set(answer.get("left", ())) == self.talks.keys() - seated


def rows_since(group: str, seq: int) -> list[Row]:
    stored = GroupMessage.objects.in_group(group).after(seq)
    public = set(stored.visible_to(visitor=True).values_list("seq", flat=True))
    return [
        Row(
            row.seq,
            row.message_type,
            row.sender,
            row.message_content,
            row.client_id,
            row.data or {},
            row.seq in public,
        )
        for row in stored
    ]


def compare(talk: Talk, group: str) -> None:
    """What is stored is what the model says."""
    found = Conversation.objects.select_related("team").get(uuid=group)
    facts = found.open, found.claimed_by, found.team.slug, found.snoozed_until is not None
    expected = talk.open, talk.holder, talk.team, talk.snoozed
    assert facts == expected, f"stored is {facts}, not {expected}"
    assert not found.claimed_by or (found.open and found.claimed_by in talk.agents())
    seats = ChatGroup.objects.in_group(group)
    stored = {seat.member_id: (seat.member_type == 1, seat.read_seq) for seat in seats}
    seats = {who: (seat.leads, seat.cursor) for who, seat in talk.seats.items()}
    assert stored == seats, f"seats are {stored}, not {seats}"
    check_ledger()


def unread_of(groups: list[str]) -> dict[tuple[str, str], int]:
    seats = ChatGroup.objects.filter(uuid__in=groups)
    return {(who, group): n for who, group, n in seats.values_list("member_id", "uuid", "unread")}


def visible(who: str, talks: dict[str, Talk]) -> dict[tuple[str, int], str]:
    """The texts of all that somebody may see, as they are stored. A visitor reads notices in other
    words, without the names of members."""
    found = {}
    for group, talk in talks.items():
        if who in talk.seats:
            is_visitor = who == talk.visitor
            for row in GroupMessage.objects.in_group(group).visible_to(visitor=is_visitor):
                reworded = is_visitor and row.message_type != GroupMessage.Type.MESSAGE
                found[group, row.seq] = ANY if reworded else row.message_content
    return found
