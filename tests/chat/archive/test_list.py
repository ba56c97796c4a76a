"""The archive's list: what it finds, against a count by brute force; in which order, page by page;
and what is refused."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from accounts.models import AuditRow
from accounts.setup import find_or_create_team
from chat.archive import page as pages
from chat.archive import pages_of_rows, question, rows
from chat.archive.pages_of_rows import FORWARDS, Place
from chat.models import GroupMessage
from chat.protocol.errors import Refused
from tests.examples import some

from .past import CHANNELS, NAMES, PLACES, START, TAGS, TOPICS, WORDS, add, invent

pytestmark = pytest.mark.django_db
ARCHIVE = "/admin/archive/"
ZONE = ZoneInfo("Asia/Kathmandu")


@pytest.fixture
def house(enterprise, team, alice, bob):
    """The enterprise with two teams and a zone of half hours."""
    enterprise.zone = ZONE.key
    enterprise.save()
    sales = find_or_create_team(enterprise, "sales", "Sales")
    return enterprise, [team, sales], [alice, bob]


def fits(one, asked: dict, members: dict) -> bool:
    """Whether a conversation has all that is asked for, read from what the test made."""
    row, visitor = one.row, one.visitor
    begin = asked.get("from") and midnight(asked["from"])
    end = asked.get("to") and midnight(asked["to"]) + timedelta(days=1)
    rated = sorted((r for r in one.receptions if r.score), key=lambda r: r.pk)
    newest = rated[-1] if rated else None
    who = members.get(asked.get("member"))
    talk = [m for m in one.messages if m.message_type in (1, 3)]
    state = asked.get("state")
    known = {
        "team": lambda v: row.team.slug == v,
        "topic": lambda v: row.topic == v,
        "tag": lambda v: v in one.tags,
        "channel": lambda v: (row.channel or "page") == v,
        "visitor": lambda v: has(visitor.label, v) or has(visitor.contact, v),
        "page": lambda v: any(
            has(where, v) for where in (row.page, visitor.referrer, visitor.path[0]["url"])
        ),
        "member": lambda v: (
            who in (row.claimed_by, row.last_held_by)
            or any(m.sender == who and m.message_type == 1 for m in one.messages)
        ),
        "state": lambda v: {
            "quarantined": row.quarantined_since is not None,
            "closed": not row.open,
            "open": row.open and not row.quarantined_since,
            "waiting": bool(row.open and row.waiting_since and not row.quarantined_since),
        }[state],
        "rating": lambda v: {
            "none": newest is None,
            "comment": bool(newest and newest.comment),
        }.get(v, bool(newest and str(newest.score) == v)),
    }
    if not all(known[name](value) for name, value in asked.items() if name in known):
        return False
    if begin and row.last_activity < begin:
        return False
    served = not (begin or end) or any(
        (not end or r.opened_at < end)
        and (not begin or (r.closed_at or row.last_activity) >= begin)
        for r in one.receptions
    )
    if "q" in asked:
        return (served and has(visitor.label, asked["q"])) or any(
            has(m.message_content, asked["q"])
            and (not begin or m.created_at >= begin)
            and (not end or m.created_at < end)
            for m in talk
        )
    return served


def midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE)


def has(text: str, words: str) -> bool:
    return all(word.lower() in text.lower() for word in words.split())


def filters(random: Random) -> dict[str, str]:
    first = date(2026, 2, 24) + timedelta(random.randrange(24))
    offered = {
        "q": random.choice([*WORDS, *NAMES, "refund Hello", "nothing"]),
        "from": first.isoformat(),
        "to": (first + timedelta(random.randrange(10))).isoformat(),
        "team": random.choice(["service", "sales"]),
        "member": random.choice(["alice", "bob"]),
        "tag": random.choice(TAGS),
        "topic": random.choice(TOPICS[1:]),
        "channel": random.choice(["page", *CHANNELS[1:]]),
        "rating": random.choice(question.RATINGS),
        "state": random.choice(question.STATES),
        "visitor": random.choice([*NAMES, "example.com", "0000"]),
        "page": random.choice(["cart", "/2", "产品", "a_b", *PLACES]),
    }
    return {name: offered[name] for name in random.sample(list(offered), random.randrange(4))}


@pytest.mark.parametrize("seed", some(range(3)))
def test_the_list_has_what_a_brute_force_count_has_in_order_and_on_pages(house, seed, monkeypatch):
    random = Random(seed)
    enterprise, teams, people = house
    every = [invent(random, enterprise, teams, people) for _ in range(60)]
    members = {who.name: who.uuid for who in people}
    monkeypatch.setattr(pages_of_rows, "FIRST", 7)
    tags = {tag for one in every for tag in one.tags}
    met = 0
    for _ in range(60):
        fields = filters(random)
        if fields.get("tag", "vip") not in tags:
            continue
        wanted = [one.row for one in every if fits(one, fields, members)]
        wanted.sort(key=lambda row: (row.last_activity, row.pk), reverse=True)
        asked = question.ask_about(enterprise, fields)
        found, place = [], None
        while True:
            walked = pages_of_rows.walk(asked, place, 4)
            found += walked.found
            place = walked.place and Place.parse(walked.place.written())
            if place is None:
                break
        assert [group for group, _ in found] == [row.uuid for row in wanted], fields
        back = pages_of_rows.walk(asked, None, 100, FORWARDS).found
        assert [group for group, _ in back] == [row.uuid for row in reversed(wanted)], fields
        met += bool(wanted)
    assert met > 15, "the filters find something"


def test_time_that_runs_out_leaves_a_place_from_which_to_go_on(house, monkeypatch):
    enterprise, (team, _sales), _people = house
    for n in range(30):
        add(enterprise, team, START + timedelta(minutes=n), ["needle" if n == 0 else "hay"])
    asked = question.ask_about(enterprise, {"q": "needle"})
    monkeypatch.setattr(pages_of_rows, "FIRST", 10)
    first = pages_of_rows.walk(asked, None, 5, patience=-1)
    assert first.found == [] and first.place.at == START + timedelta(minutes=20)
    rest = pages_of_rows.walk(asked, first.place, 5)
    assert len(rest.found) == 1 and rest.place is None


def test_a_row_says_who_served_what_was_said_and_how_it_was_rated(house, manager, browser_of):
    enterprise, (team, _sales), (alice, bob) = house
    one = add(enterprise, team, START, ["where is my refund?"], alice, topic="Delivery")
    one.row.last_held_by, one.row.tags = bob.uuid, ["vip"]
    one.row.save()
    one.receptions[0].score, one.receptions[0].comment = 2, "slow"
    one.receptions[0].save()
    row = rows.rows_of(question.ask_about(enterprise, {}), [one.row.uuid])[0]
    assert (row.name, row.team_name, row.people) == ("Wang", team.name, ["小博"])
    assert row.rating == {"score": 2, "comment": "slow"} and row.hit is None
    assert row.last["excerpt"] == "an answer" and row.state == "open"
    shown = browser_of(manager).get(ARCHIVE, {"q": "REFUND"}).content.decode()
    assert "<mark>refund</mark>" in shown and "小博" in shown and "slow" in shown
    assert f'href="{ARCHIVE}"' in shown, "the filter can be removed"


SPACES = "退款\u3000申请\u00a0订单"
JOINED = "👩\u200d👧 می\u200cخواهم"


def test_every_word_is_looked_for_whatever_stands_between_them(house, manager, browser_of):
    enterprise, (team, _sales), _people = house
    words = [f"word{number:02}" for number in range(14)]
    whole = add(enterprise, team, START, [" ".join(words)])
    add(enterprise, team, START, [" ".join(words[:13])])
    chinese = add(enterprise, team, START, ["订单 退款 申请"])
    joined = add(enterprise, team, START, [f"here: {JOINED}"])
    for text, found in ((" ".join(words), whole), (SPACES, chinese), (JOINED, joined)):
        answer = browser_of(manager).get(ARCHIVE, {"q": text})
        assert answer.status_code == 200
        assert [row.group for row in answer.context["rows"]] == [found.row.uuid], text


def test_a_notice_is_found_by_nothing_that_it_says(house, group):
    enterprise = house[0]
    GroupMessage.objects.filter(group_id=group, message_type=2).update(message_content="joined")
    assert pages_of_rows.walk(question.ask_about(enterprise, {"q": "joined"}), None, 5).found == []


def test_a_period_upside_down_is_refused(browser_of, manager):
    answer = browser_of(manager).get(ARCHIVE, {"from": "2026-03-02", "to": "2026-03-01"})
    assert answer.status_code == 400 and 'aria-invalid="true"' in answer.content.decode()


def test_the_last_day_that_can_be_written_is_a_day(browser_of, manager, group):
    browser = browser_of(manager)
    for day, found in (("9999-12-31", True), ("0001-01-01", False)):
        answer = browser.get(ARCHIVE, {"to": day})
        assert answer.status_code == 200 and (group in answer.content.decode()) == found


def test_no_enterprise_sees_another_ones(browser_of, manager, other_manager, group, other_group):
    own = browser_of(manager).get(ARCHIVE).content.decode()
    assert group in own and other_group not in own
    foreign = browser_of(other_manager)
    assert group not in foreign.get(ARCHIVE, {"q": "first"}).content.decode()
    assert foreign.get(ARCHIVE, {"enterprise": "acme"}).status_code == 404
    assert foreign.get(ARCHIVE, {"team": "sales"}).status_code == 400


def test_looking_is_noted_once(browser_of, supervisor, group):
    browser = browser_of(supervisor)
    for text in ("first", "second", ""):
        browser.get(ARCHIVE, {"q": text})
    row = AuditRow.objects.get(kind="archive")
    assert (row.action, row.actor_name, row.source) == ("read", "susan", "archive")
    assert "first" not in (row.details or "")


def test_pages_follow_each_other_and_the_filters_stay(house, manager, browser_of):
    enterprise, (team, _sales), _people = house
    for n in range(pages.SIZE + 3):
        add(enterprise, team, START + timedelta(minutes=n), ["a word"])
    add(enterprise, team, START, ["another"])
    browser = browser_of(manager)
    first = browser.get(ARCHIVE, {"q": "word", "state": "open"})
    assert len(first.context["rows"]) == pages.SIZE and first.context["further"] is None
    link = f"q=word&state=open&cursor={first.context['more']}"
    second = browser.get(f"{ARCHIVE}?{link}")
    assert len(second.context["rows"]) == 3 and second.context["more"] is None


def test_an_agent_is_refused_by_the_question_itself(alice):
    with pytest.raises(Refused, match="archive"):
        question.ask(alice, {})
