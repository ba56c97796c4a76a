"""Reports by topic, tag and page, and about one of them alone."""

import csv
import io
import re
from html import unescape

import openpyxl
import pytest

from accounts.setup import find_or_create_team, join_team
from chat.care import erasure, personal_data
from chat.conversations import changes
from chat.conversations.openings import Opening
from chat.models import Conversation, Visitor
from chat.posting import batches
from chat.reports import counting
from chat.reports.figures import Measures
from chat.reports.showing import breakdown, facts
from tests.chat.helpers import JSON, act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db

REPORTS, ROWS = "/admin/reports/", "/admin/reports/rows/"


@pytest.fixture
def begin(team, alice):
    """A function: a conversation about a topic, from a page, with tags; its group."""

    def write(topic="", page="", tags=(), of=team):
        draft = new_guest(of).draft("hello")
        draft.opening.topic = topic
        if page:
            draft.opening.seen = {"path": [{"url": f"https://shop.example{page}", "at": "x"}]}
        group = batches.post(draft)["group"]
        for tag in tags:
            batches.do(act_of("tag", alice.uuid, group, tag=tag))
        return group

    return write


@pytest.fixture
def told(browser_of, manager):
    """A function: the JSON for an address, as the manager gets it."""

    def fetch(path=REPORTS, reader=manager, **fields):
        return browser_of(reader).get(path, fields, **JSON).json()

    return fetch


def test_lines_stand_beside_the_fixed_keys_only_where_they_are_asked_for(begin, told, alice):
    group = begin("Refunds", "/prices?token=secret#top", ["vip", "slow"])
    begin("Refunds")
    begin()
    batches.post(draft_of(alice, group, "an answer"))
    fixed = told()
    found = told(by="topic")
    assert list(found) == [*fixed, "by_topic", "others"] and found["others"] is None
    lines = [(line["topic"], line["receptions"]) for line in found["by_topic"]]
    assert lines == [("Refunds", 2), (None, 1)]
    assert found["by_topic"][0].keys() == {"topic", *Measures().shaped()}
    assert found["by_topic"][0]["messages_out"] == found["by_topic"][0]["first_reply"]["n"] == 1
    lines = [(line["tag"], line["receptions"]) for line in told(by="tag")["by_tag"]]
    assert lines == [("slow", 1), ("vip", 1), (None, 2)]
    lines = [(line["page"], line["receptions"]) for line in told(by="page")["by_page"]]
    assert lines == [("/prices", 1), (None, 2)], "the path alone"


def test_the_page_is_a_path_and_nothing_else():
    def page_of(*urls):
        seen = {"path": [{"url": url} for url in urls]} if urls else {}
        return Opening("acme", 1, "v", "h", "n", "en", seen).page

    assert page_of("https://shop.example/a/b?x=1#y", "https://shop.example/c?token=1") == "/c"
    assert page_of() == ""


def test_what_is_beyond_the_longest_lines_is_one(begin, told, monkeypatch):
    monkeypatch.setattr(breakdown, "MOST", 1)
    begin(tags=["a", "b", "c"])
    begin(tags=["c"])
    begin()
    found = told(by="tag")
    assert [(line["tag"], line["receptions"]) for line in found["by_tag"]] == [("c", 2), (None, 1)]
    assert found["others"]["receptions"] == 1, "a conversation with two further tags is one"


def test_a_report_about_one_of_them_counts_nothing_else_and_its_rows_tell_the_same(
    begin, told, alice
):
    one = begin("Refunds", "/prices", ["vip"])
    begin("refunds", "/Prices", ["slow"])
    nothing = begin()
    for fields in ({"topic": "Refunds"}, {"tag": "VIP"}, {"page": "/prices"}):
        assert told(**fields)["totals"]["receptions"] == 1, fields
        rows = told(ROWS, metric="receptions", **fields)["rows"]
        assert [row["group"] for row in rows] == [one], fields
        rows = told(ROWS, metric="messages_in", **fields)["rows"]
        assert [row["group"] for row in rows] == [one], fields
    for name in ("topic", "tag", "page", "topic,tag,page"):
        rows = told(ROWS, metric="unanswered", without=name)["rows"]
        assert [row["group"] for row in rows] == [nothing], name
    assert told(topic="Refunds", tag="slow")["totals"]["receptions"] == 0, "all has to hold"
    assert told(tag="nobody has it")["totals"]["receptions"] == 0


def test_every_number_of_the_tables_leads_to_as_many_rows(begin, browser_of, manager, alice):
    group = begin("退款 <b>", "/a b/é", ["vip & more", "角落"])
    begin("退款 <b>", "", ["vip & more"])
    begin()
    batches.post(draft_of(alice, group, "an answer"))
    browser = browser_of(manager)
    for by, column in (("topic", "Topic"), ("tag", "Tag"), ("page", "Page")):
        page = browser.get(f"{REPORTS}?by={by}").content.decode()
        table = page.partition(f'<th scope="col">{column}</th>')[2].partition("</table>")[0]
        assert "<b>" not in table
        cells = re.findall(r'<td><a href="([^"]*)">(\d+)</a>', table)
        assert len(cells) >= 5, by
        for link, number in cells:
            rows = browser.get(unescape(link), **JSON).json()
            assert rows["n"] == len(rows["rows"]) == int(number), link
        labels = re.findall(r'<th scope="row" dir="auto"><a href="([^"]*)">', table)
        for link in labels:
            answer = browser.get(unescape(link))
            assert answer.status_code == 200 and 'class="chips"' in answer.content.decode()


def test_a_filter_stays_in_the_form_and_can_be_taken_away(begin, browser_of, manager):
    begin("Refunds", "", ["a", "b"])
    browser = browser_of(manager)
    page = browser.get(f"{REPORTS}?topic=Refunds&without=page&by=tag").content.decode()
    for field in ("topic", "without", "by"):
        assert f'<input type="hidden" name="{field}"' in page
    ways = re.findall(r'<a class="filter set" href="([^"]*)"', page)
    assert len(ways) == 2
    without_topic = unescape(ways[0])
    assert "topic=" not in without_topic and "without=page" in without_topic
    assert "by=tag" in without_topic and browser.get(without_topic).status_code == 200
    page = browser.get(f"{REPORTS}?tag=a&by=tag").content.decode()
    table = page.partition('<th scope="col">Tag</th>')[2].partition("</table>")[0]
    other = table.partition("<tr>")[2].partition("</tr>")[2]
    assert ">b</th>" in other and "href" not in other, "an address asks for one tag"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_has_the_lines(begin, browser_of, manager, told, kind):
    begin("=1+1", "", ["x"])
    begin()
    answer = browser_of(manager).get(f"{REPORTS}export.{kind}?by=topic")
    assert 'filename="topic-' in answer["Content-Disposition"]
    if kind == "csv":
        lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert lines[0]["topic"] == "'=1+1"
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        header, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        lines = [dict(zip(header, row, strict=True)) for row in rows]
        assert lines[0]["topic"] == "=1+1" and sheet["A2"].data_type == "s"
    assert [line["line"] or "" for line in lines] == ["", "without"]
    assert [int(line["receptions"]) for line in lines] == [1, 1]
    figures = told(by="topic")["by_topic"][0]
    assert set(lines[0]) == {"topic", "line"} | {
        f"{name}_{key}" if isinstance(value, dict) else name
        for name, value in figures.items()
        if name != "topic"
        for key in (value if isinstance(value, dict) else [""])
    }


def test_wrong_ones_and_too_much_are_refused(begin, browser_of, manager, monkeypatch):
    browser = browser_of(manager)
    for path in (REPORTS, f"{ROWS}?metric=receptions", f"{REPORTS}export.csv"):
        answer = browser.get(path, {"metric": "receptions", "without": "name"}, **JSON)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_field")
    for path in (REPORTS, f"{REPORTS}export.csv"):
        answer = browser.get(path, {"by": "colour"}, **JSON)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_field")
    begin("Refunds")
    begin("Refunds")
    monkeypatch.setattr(facts, "MOST_ROWS", 1)
    counting.count()
    for fields in ({"by": "topic"}, {"topic": "Refunds"}):
        answer = browser.get(REPORTS, fields, **JSON)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_long")
    assert browser.get(REPORTS, **JSON).status_code == 200
    assert b"too much at once" in browser.get(REPORTS, {"by": "tag"}).content


def test_everybody_gets_the_lines_of_what_is_theirs(
    begin, told, analyst, leader, other_manager, team, alice
):
    other = find_or_create_team(team.enterprise, "sales")
    join_team(alice, other)
    begin("Refunds")
    begin("Orders", of=other)
    assert [line["topic"] for line in told(by="topic")["by_topic"]] == ["Orders", "Refunds"]
    assert len(told(reader=analyst, by="topic")["by_topic"]) == 2
    assert [line["topic"] for line in told(reader=leader, by="topic")["by_topic"]] == ["Refunds"]
    assert told(reader=other_manager, by="topic")["by_topic"] == []
    assert told(reader=other_manager, topic="Refunds")["totals"]["receptions"] == 0


def test_the_page_goes_with_an_erasure_and_the_numbers_stay(begin, told, enterprise):
    group = begin("Refunds", "/orders/17", ["vip"])
    visitor = Visitor.objects.get()
    data = personal_data.export(enterprise, visitor)
    assert data["conversations"][0]["page"] == "/orders/17"
    with changes.begin() as change:
        visitor = Visitor.objects.select_for_update().get()
        erasure.by_visitor(visitor, change.lock_all_of(visitor), change.now)
    assert Conversation.objects.get(uuid=group).page == ""
    for by in ("topic", "tag", "page"):
        lines = told(by=by)[f"by_{by}"]
        assert [(line[by], line["receptions"]) for line in lines] == [(None, 1)], by
