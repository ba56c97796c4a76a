"""Every figure of a report, after any order of what may happen, against a count by brute force; and
against what is computed from the rows that the report lists."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from accounts.tokens import service_account
from chat.models import QuickQuestion
from chat.reports import counting
from chat.reports.counting import packs
from chat.reports.showing import breakdown, facets, facts, listing, question, report
from tests.conftest import hire
from tests.examples import examples

from . import reference
from .scene import Scene

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Asia/Shanghai", "Asia/Kathmandu", "Asia/Kolkata", "Europe/Berlin"]
ZONES += ["America/St_Johns", "Australia/Lord_Howe", "America/New_York", "Pacific/Chatham"]
WAITS = [0, 1, 59, 400, 3_600, 7 * 3_600, 24 * 3_600 - 1, 24 * 3_600, 24 * 3_600 + 1, 3 * 86_400]
STEPS = [
    *("begin", "says", "says", "says", "press", "answers", "answers", "answers", "note"),
    *("claim", "release", "transfer", "move", "close", "close", "ends", "reopen", "rates"),
    *("recall", "erase", "dismiss", "count", "settle", "join", "join", "tag", "tag"),
    *("program", "program", "member"),
]
TOPICS, PAGES = ("Refunds", "refunds", ""), ("/prices", "/Prices", "/a b", "")
TAGS = ("vip", "slow", "角落")
MOST = 2
"""Lines of a facet here, so that some are others."""
MOVES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.sampled_from(WAITS)),
    min_size=10,
    max_size=45,
)


BOT_STEPS = [step for step in STEPS if step not in ("join", "begin")]
BOT_STEPS += ["begin", "bot", "bot", "bot", "says", "says", "handover", "handover"]
BOT_MOVES = st.lists(
    st.tuples(st.sampled_from(BOT_STEPS), st.integers(0, 5), st.sampled_from(WAITS)),
    min_size=10,
    max_size=45,
)


class Stream:
    """Plays moves; `number` chooses who and where."""

    def __init__(self, scene: Scene, teams):
        self.scene, self.teams = scene, teams
        self.members = list(scene.members)

    def play(self, step: str, number: int) -> None:
        scene = self.scene
        if step == "begin" or not scene.talks:
            about = TOPICS[number % 3], PAGES[number % 4]
            scene.says(scene.begin(*about), press=step == "press")
            return
        talk = scene.talks[-1 - number % min(3, len(scene.talks))]
        if step in ("program", "member") and number > 2:
            talk = scene.begin()
        if step == "count":
            counting.count()
            packs.pack_days(scene.now + timedelta(days=number % 2))
        elif step == "settle":
            counting.settle([talk.group])
        elif step == "dismiss":
            self.dismiss()
        elif not talk.erased:
            self.act(step, number, talk)

    def act(self, step: str, number: int, talk) -> None:
        scene, who = self.scene, self.members[number % len(self.members)]
        seated = who.uuid in scene.seats(talk)
        if step in ("says", "press"):
            scene.says(talk, press=step == "press")
        elif step == "program" or (step == "member" and (seated or not talk.group)):
            scene.begins(talk, scene.program if step == "program" else who)
        elif step in ("answers", "note") and seated:
            scene.answers(talk, who, note=step == "note")
        elif step in ("claim", "release", "close", "reopen"):
            scene.acts(step, talk, who)
        elif step == "transfer":
            other = self.members[(number + 1) % len(self.members)]
            scene.acts("transfer", talk, who, member=other.uuid)
        elif step == "move":
            scene.acts("transfer", talk, who, team=self.teams[number % 2].slug)
        elif step == "tag" and seated:
            scene.tags(talk, who, TAGS[number % 3])
        elif step == "ends":
            scene.ends(talk)
        elif step == "bot":
            scene.bot_says(talk)
        elif step == "handover":
            scene.hands_over(talk)
        elif step == "rates":
            scene.rates(talk, number % 5 + 1)
        elif step == "recall":
            self.recall(talk, who.uuid if number % 2 and seated else talk.guest.uuid)
        elif step == "erase" and number == 0:
            scene.erases(talk)
        elif step == "join":
            self.join(number, talk)

    def join(self, number: int, talk) -> None:
        """Its visitor, who has never signed in, turns out to be another one."""
        others = [one for one in self.scene.talks if one is not talk and not one.erased]
        if others and not talk.former:
            self.scene.joins(talk, others[number % len(others)])

    def recall(self, talk, who: str) -> None:
        if seq := self.scene.last_seq(talk, who):
            self.scene.recalls(talk, who, seq)

    def dismiss(self) -> None:
        """A member is removed: their numbers stay, their name goes."""
        if len(self.members) > 2:
            before = {talk.group: self.scene.row(talk).claimed_by for talk in self.scene.talks}
            self.members.pop().delete()
            for talk in self.scene.talks:
                self.scene.tell_holder(talk, before[talk.group])


@pytest.fixture
def stage(team, monkeypatch):
    """Two teams, four members in both, a quick question."""
    monkeypatch.setattr(breakdown, "MOST", MOST)
    other = find_or_create_team(team.enterprise, "sales")
    team.hours = {"zone": "Asia/Kolkata", "week": [[[540, 1090]]] * 6 + [[]], "holidays": []}
    team.save()
    entry = QuickQuestion.objects.create(team=team, question="When?", answer="9 to 5")

    def begin() -> Stream:
        members = []
        for name in ("ann", "ben", "cat", "dan"):
            member = Member.objects.filter(name=name).first()
            member = member or hire(name, team.enterprise)
            for one in (team, other):
                join_team(member, one)
            members.append(member)
        scene = Scene(monkeypatch, team, members, entry)
        scene.program = service_account(team.enterprise, "crm")
        return Stream(scene, [team, other])

    return begin


# What an agent reopens, once a conversation without a message was added, is not what was closed.
ADDED = [("begin", 0, 0)] * 2 + [("member", 3, 0), ("close", 2, 0), ("close", 0, 0)]
ADDED += [("join", 0, 0), ("reopen", 5, 0)]


@example(moves=ADDED, zone="UTC", first=0, days=1)
@given(moves=MOVES, zone=st.sampled_from(ZONES), first=st.integers(-2, 3), days=st.integers(1, 9))
@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_figure_is_what_happened_and_what_its_rows_say(
    stage, superuser, moves, zone, first, days
):
    with transaction.atomic():
        stream = stage()
        for step, number, wait in moves:
            stream.scene.wait(seconds=wait, microseconds=1_000 * number + 1)
            stream.play(step, number)
        check(stream, superuser, zone, first, days)
        transaction.set_rollback(True)


@given(
    moves=BOT_MOVES, zone=st.sampled_from(ZONES), first=st.integers(-2, 3), days=st.integers(1, 9)
)
@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_figure_is_right_where_a_bot_has_the_floor(
    stage, superuser, moves, zone, first, days
):
    with transaction.atomic():
        stream = stage()
        bot = hire("robo", stream.teams[0].enterprise, Member.Role.BOT)
        for team in stream.teams:
            join_team(bot, team)
        stream.scene.bot = bot
        for step, number, wait in moves:
            stream.scene.wait(seconds=wait, microseconds=1_000 * number + 1)
            stream.play(step, number)
        check(stream, superuser, zone, first, days)
        transaction.set_rollback(True)


def check(stream: Stream, superuser, zone: str, first: int, days: int) -> None:
    begin = stream.scene.talks[0].log[0].at if stream.scene.talks else stream.scene.now
    begin = begin.astimezone(ZoneInfo(zone)).date() + timedelta(first)
    fields = {"enterprise": "acme", "zone": zone, "from": begin.isoformat()}
    fields["to"] = (begin + timedelta(days - 1)).isoformat()
    asked = question.ask(superuser, fields, stream.scene.now)
    names = dict(Member.objects.values_list("uuid", "name"))
    found = reference.things(stream.scene.talks, stream.scene.about)
    slugs = [team.slug for team in stream.teams]
    wanted = reference.report(found, asked.first, asked.last, zone, slugs, names)
    told = report.shaped(asked, facts.counted(asked))
    assert reference.same(told, wanted), (told, wanted)
    sums = facts.counted(replace(asked, sums=True))
    assert sums.totals.shaped() == told["totals"] and sums.days == []
    for metric in listing.METRICS:
        check_rows(asked, metric, told["totals"][metric], stream.scene.now)
    check_hours(superuser, fields, stream.scene.now)
    for facet in facets.FACETS:
        check_facet(asked, facet, found, stream.scene.now)
    check_narrowed(superuser, fields, found, stream)
    counting.count()
    assert report.shaped(asked, facts.counted(asked)) == told, "stored it is the same"
    counting.rebuild()
    assert report.shaped(asked, facts.counted(asked)) == told, "and counted anew"


def check_facet(asked, facet: str, found: list, now) -> None:
    """The lines by topic, tag or page."""
    inside = reference.within(found, asked.first, asked.last, asked.zone.key)
    lines, without, others = reference.split(inside, facet, MOST)
    told = report.shaped_split(breakdown.split(asked, facet))
    wanted = [{facet: value, **line} for value, line in lines]
    wanted += [{facet: None, **without}] if without else []
    assert reference.same(told, {f"by_{facet}": wanted, "others": others}), (told, wanted, others)


def check_narrowed(superuser, fields: dict, found: list, stream: Stream) -> None:
    """A report about one topic, tag or page, or about what has none, and its rows."""
    values = {
        (facet, value) for thing in found for facet in thing.about for value in thing.about[facet]
    }
    now = stream.scene.now
    some = sorted(values)[:: max(1, len(values) // 3)]
    for number, (facet, value) in enumerate(some):
        more = {facet: value} if value else {"without": facet}
        asked = question.ask(superuser, fields | more, now)
        inside = [one for one in found if value in one.about[facet]]
        period = asked.first, asked.last, asked.zone.key
        names = dict(Member.objects.values_list("uuid", "name"))
        wanted = reference.report(inside, *period, [team.slug for team in stream.teams], names)
        told = report.shaped(asked, facts.counted(asked))
        assert reference.same(told, wanted), (more, told, wanted)
        for metric in list(listing.METRICS)[number % 3 :: 3]:  # of each a third: they take long
            check_rows(asked, metric, told["totals"][metric], now)


def check_hours(superuser, fields: dict, now) -> None:
    """By working hours the figures are those of the rows, too."""
    asked = question.ask(superuser, fields | {"clock": "hours"}, now)
    totals = report.shaped(asked, facts.counted(asked))["totals"]
    for metric in listing.DURATIONS:
        check_rows(asked, metric, totals[metric], now)


def check_rows(asked, metric: str, figure, now) -> None:
    """What is listed, page by page, gives the figure."""
    rows = listed(asked, now, metric=metric)
    if metric == "rating":
        scores = [row["score"] for row in rows]
        mean = sum(scores) / len(scores) if scores else None
        assert figure == {"n": len(rows), "mean": mean}
    elif isinstance(figure, dict):
        assert reference.same(figure, reference.spread(sorted(row["seconds"] for row in rows)))
        longest = listed(asked, now, metric=metric, sort="longest")
        lengths = [row["seconds"] for row in longest]
        assert lengths == sorted(lengths, reverse=True)
        assert listing.longest(asked, metric, now) == (lengths[0] if lengths else None)
        assert sorted(map(str, longest)) == sorted(map(str, rows))
    else:
        assert figure == len(rows)


def listed(asked, now, **fields) -> list[dict]:
    """All rows, page by page."""
    rows, cursor = [], ""
    while cursor is not None:
        page = listing.page(asked, {**fields, "limit": "4", "cursor": cursor}, now)
        rows += page.rows
        cursor = page.cursor
        assert len(page.rows) == 4 or cursor is None
    assert len(rows) == page.n
    return rows
