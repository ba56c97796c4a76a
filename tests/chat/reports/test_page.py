"""The page of a report, its rows, and its files, opened by other libraries."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from itertools import product

import openpyxl
import pytest
from django.utils.dates import WEEKDAYS

from accounts import spreadsheets
from accounts.models import Member
from accounts.setup import find_or_create_team
from chat.models import ChatGroup, Conversation, Visitor
from chat.posting import batches
from chat.posting.actions import Rating
from chat.reports import charts, counting, exports, form
from chat.reports.figures import METRICS, Measures
from chat.reports.showing import listing
from chat.templatetags.figures import duration
from chat.views.managers import administration
from tests.chat.helpers import JSON, act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db

REPORTS = "/admin/reports/"


@pytest.fixture
def answered(group, alice, team):
    batches.post(draft_of(alice, group, "an answer"))
    batches.post(new_guest(team).draft("nobody answers"))
    return group


def links(page: str) -> set[str]:
    found = re.findall(r'href="(/admin/reports/rows/[^"]*)"', page)
    return {unescape(link) for link in found}


def test_every_number_of_the_page_leads_to_as_many_rows(browser_of, manager, answered):
    browser = browser_of(manager)
    page = browser.get(REPORTS).content.decode()
    assert len(links(page)) > 15
    told = browser.get(REPORTS, **JSON).json()["totals"]
    for link in sorted(links(page)):
        answer = browser.get(link)
        rows = browser.get(link, **JSON).json()
        assert answer.status_code == 200 and rows["n"] == len(rows["rows"]) > 0, link
        assert answer.content.decode().count('<th scope="row">') == rows["n"], link
        metric = re.search(r"metric=(\w+)", link)[1]
        n = told[metric] if isinstance(told[metric], int) else told[metric]["n"]
        assert rows["n"] <= n, link


def test_who_reads_it_sees_names_and_ways_that_are_theirs(
    browser_of, manager, analyst, leader, superuser, answered
):
    page = browser_of(manager).get(REPORTS).content.decode()
    assert "小艾" in page and 'name="member"' in page and "/admin/accounts/" in page
    page = browser_of(analyst).get(REPORTS).content.decode()
    assert "小艾" not in page and 'name="member"' not in page
    assert "/admin/accounts/" not in page and 'href="/agent/"' not in page
    rows = browser_of(analyst).get(f"{REPORTS}rows/?metric=first_reply").content.decode()
    assert "/agent/c/" not in rows and "alice" not in rows
    page = browser_of(leader).get(REPORTS).content.decode()
    assert "小艾" in page and "/admin/accounts/" not in page
    page = browser_of(superuser).get(REPORTS).content.decode()
    assert "enterprise=acme" in min(links(page)), "the only one there is"


def test_a_superuser_chooses_an_enterprise_and_keeps_what_was_asked(
    browser_of, superuser, manager, other_enterprise, monkeypatch
):
    page = browser_of(superuser).get(f"{REPORTS}?clock=hours")
    assert page.status_code == 200 and "Choose an enterprise" in page.content.decode()
    assert b'href="?enterprise=acme&amp;clock=hours"' in page.content
    assert b'name="named"' not in page.content
    monkeypatch.setattr(administration, "MOST", 1)
    page = browser_of(superuser).get(f"{REPORTS}?clock=hours").content.decode()
    assert "The first 1 are shown" in page and "enterprise=umbrella" not in page
    assert '<input type="hidden" name="clock" value="hours">' in page
    page = browser_of(superuser).get(f"{REPORTS}?clock=hours&named=BREL").content.decode()
    assert 'href="?enterprise=umbrella&amp;clock=hours"' in page and "=acme" not in page
    assert browser_of(superuser).get(f"{REPORTS}?format=json").status_code == 400
    assert browser_of(manager).get(REPORTS).status_code == 200


def test_rows_tell_who_it_was_and_lead_to_what_their_reader_may_open(
    browser_of, manager, leader, analyst, answered, alice
):
    Visitor.objects.update(label="Grace <b>")
    own, foreign = answered, Conversation.objects.exclude(uuid=answered).get().uuid
    path = f"{REPORTS}rows/?metric=receptions"
    page = browser_of(manager).get(path).content.decode()
    assert page.count("Grace &lt;b&gt;") == 2 and "Grace <b>" not in page
    assert all(f'href="/agent/c/{group}/"' in page for group in (own, foreign))
    for group in (own, foreign):
        assert browser_of(manager).get(f"/agent/c/{group}/").status_code == 200
    ChatGroup.objects.filter(uuid=foreign, member_id=leader.uuid).delete()
    page = browser_of(leader).get(path).content.decode()
    seats = set(ChatGroup.objects.for_member(leader.uuid).values_list("uuid", flat=True))
    assert foreign not in seats
    for group in (own, foreign):
        assert (f"/agent/c/{group}/" in page) == (group in seats)
    page = browser_of(analyst).get(path).content.decode()
    assert "Grace" not in page and "/agent/c/" not in page and own[:8] in page
    page = browser_of(manager).get(f"{REPORTS}rows/?metric=first_reply").content.decode()
    assert "小艾" in page and ">alice<" not in page


def test_who_waited_longest_stands_first_when_asked_for(browser_of, manager, answered, team, alice):
    later = new_guest(team)
    group = batches.post(later.draft("me, too"))["group"]
    batches.post(draft_of(alice, group, "at once"))
    browser, path = browser_of(manager), f"{REPORTS}rows/?metric=first_reply"
    page = browser.get(path).content.decode()
    assert "The longest: " in page and "metric=unanswered" in page
    sort = unescape(re.search(r'href="(\?[^"]*sort=longest)"', page)[1])
    rows = browser.get(f"{REPORTS}rows/{sort}", **JSON).json()["rows"]
    lengths = [row["seconds"] for row in rows]
    assert len(lengths) == 2 and lengths == sorted(lengths, reverse=True)
    page = browser.get(f"{REPORTS}rows/{sort}").content.decode()
    assert 'aria-sort="descending"' in page
    first = browser.get(f"{REPORTS}rows/{sort}&limit=1", **JSON).json()
    rest = browser.get(f"{REPORTS}rows/{sort}&limit=1&cursor={first['cursor']}", **JSON).json()
    assert first["rows"] + rest["rows"] == rows
    for wrong in ("metric=first_reply&sort=name", "metric=rating&sort=longest"):
        answer = browser.get(f"{REPORTS}rows/?{wrong}", **JSON)
        assert answer.status_code == 400 and answer.json()["field"] == "sort"
    # A cursor leads on in its own order only, and in the rows of its own figure.
    plain = browser.get(f"{path}&limit=1", **JSON).json()["cursor"]
    assert len(browser.get(f"{path}&cursor={plain}", **JSON).json()["rows"]) == 1
    for other in (f"first_reply&cursor={first['cursor']}", f"receptions&cursor={plain}"):
        answer = browser.get(f"{REPORTS}rows/?metric={other}", **JSON)
        assert answer.status_code == 400 and answer.json()["field"] == "cursor"


@pytest.mark.parametrize("sort", [None, "longest"])
def test_replies_of_one_moment_stand_on_pages_that_follow_each_other(scene, asked, sort):
    talk = scene.begin()
    for n in range(6):
        scene.says(talk)
        scene.answers(talk, scene.members[n % 2])
        if n == 3:
            counting.count()
    rows, cursor = [], None
    for _page in range(5):
        fields = {"metric": "next_reply", "sort": sort, "limit": "1", "cursor": cursor}
        page = listing.page(asked(), fields, scene.now)
        rows, cursor = rows + page.rows, page.cursor
    assert cursor is None and page.n == 5
    assert [row["member"] for row in rows] == ["bob", "alice", "bob", "alice", "bob"]


def test_ratings_stand_with_their_comments_and_the_share_that_rated(
    browser_of, manager, analyst, answered, guest, alice
):
    for score, comment in ((2, "too slow"), (5, "all <i>well</i>")):
        batches.do(Rating(guest.uuid, answered, score, comment))
    path = f"{REPORTS}rows/?metric=rating"
    page = browser_of(manager).get(path).content.decode()
    assert "5 of 5" in page and "all &lt;i&gt;well" in page and "too slow" not in page
    page = browser_of(analyst).get(path).content.decode()
    assert "5 of 5" in page and "well" not in page
    told = browser_of(manager).get(path, **JSON).json()["rows"]
    assert "comment" not in told[0] and told[0]["score"] == 5
    page = browser_of(manager).get(REPORTS).content.decode()
    assert "50 % of receptions rated" in page, "one of two"
    page = browser_of(manager).get(f"{REPORTS}?member=alice").content.decode()
    assert "of receptions rated" not in page


def test_a_comment_stands_with_the_reception_that_it_is_about(
    browser_of, manager, answered, guest, alice, bob
):
    batches.do(Rating(guest.uuid, answered, 4, "the first"))
    for name, member in (("close", alice), ("reopen", bob)):
        batches.do(act_of(name, member.uuid, answered))
    batches.post(guest.draft("again", group=answered))
    batches.do(Rating(guest.uuid, answered, 4, ""))
    page = browser_of(manager).get(f"{REPORTS}rows/?metric=rating").content.decode()
    assert page.count("4 of 5") == 2 and page.count("the first") == 1


def test_a_wrong_period_is_said_on_the_page_and_nothing_is_lost(browser_of, manager):
    answer = browser_of(manager).get(f"{REPORTS}?from=2026-03-02&to=2026-03-01")
    page = answer.content.decode()
    assert answer.status_code == 400 and 'role="alert"' in page
    assert 'value="2026-03-02"' in page and 'value="2026-03-01"' in page


def test_a_wrong_zone_leaves_the_whole_form(browser_of, manager, team, alice):
    find_or_create_team(team.enterprise, "second", "Second")
    answer = browser_of(manager).get(
        f"{REPORTS}?zone=Mars&team=second&member=alice&clock=hours&tag=vip"
    )
    page = answer.content.decode()
    assert answer.status_code == 400 and "This time zone is not known." in page
    assert '<input type="hidden" name="tag" value="vip">' in page
    names = re.findall(r'<(?:input|select)[^>]* name="(from|to|team|member|zone|clock)"', page)
    assert names == ["from", "to", "team", "member", "zone", "clock"]
    chosen = re.findall(r'<option value="([^"]*)"\s+selected', page)
    assert chosen == ["second", "alice"] and 'name="zone" value="UTC"' in page
    page = browser_of(manager).get(f"{REPORTS}?zone=Asia/Kolkata").content.decode()
    assert 'name="zone" value="Asia/Kolkata"' in page


def test_one_click_chooses_a_day_a_week_or_a_month_and_says_the_period_before(
    browser_of, manager, answered
):
    page = browser_of(manager).get(REPORTS).content.decode()
    today = date.fromisoformat(re.search(r'name="to" value="([^"]+)"', page)[1])
    ways = dict(re.findall(r'<li><a href="[^"]*from=([-0-9]+)&amp;to=([-0-9]+)"[^>]*>', page)[:8])
    assert (today - timedelta(1)).isoformat() in ways, "yesterday"
    for name, first, last in form.periods(date(2026, 3, 4)):
        assert first <= last <= date(2026, 3, 4), name
    named = {name: (str(first), str(last)) for name, first, last in form.periods(date(2026, 3, 4))}
    assert named["Last week"] == ("2026-02-23", "2026-03-01")
    assert named["Last month"] == ("2026-02-01", "2026-02-28")
    assert named["This month"] == ("2026-03-01", "2026-03-04")
    assert f"beside {today - timedelta(13)} to {today - timedelta(7)}" in page
    assert page.count("before: ") == 8 and "the last day is not over yet" in page
    tomorrow, then = today + timedelta(1), today + timedelta(7)
    page = browser_of(manager).get(f"{REPORTS}?from={tomorrow}&to={then}").content.decode()
    assert "before: 2" in page, "the receptions of the week that ends today"
    page = browser_of(manager).get(f"{REPORTS}?from=1970-01-02&to=1970-01-02")
    assert page.status_code == 200 and "before: " not in page.content.decode()


def test_a_single_day_is_drawn_by_the_hour(browser_of, manager, answered):
    page = browser_of(manager).get(REPORTS).content.decode()
    today = re.search(r'name="to" value="([^"]+)"', page)[1]
    assert page.count("<g><title>") == 7 and page.count('<tr><th scope="row">Monday') == 1
    page = browser_of(manager).get(f"{REPORTS}?from={today}&to={today}").content.decode()
    assert page.count("<g><title>") == 24 and "21:00" in page and "First reply by day" not in page
    weekdays = [day for day in WEEKDAYS.values() if f'<th scope="row">{day}' in page]
    assert weekdays == [WEEKDAYS[date.fromisoformat(today).weekday()]]


def test_a_file_has_the_rows_of_the_figure(browser_of, manager, answered):
    browser = browser_of(manager)
    for metric, kind in product(METRICS, ("csv", "xlsx")):
        told = browser.get(f"{REPORTS}rows/?metric={metric}", **JSON).json()["rows"]
        answer = browser.get(f"{REPORTS}export.{kind}?metric={metric}")
        assert answer.status_code == 200, (metric, kind)
        assert f'.{kind}"' in answer["Content-Disposition"]
        header, *lines = table_of(answer.content, kind)
        assert len(lines) == len(told), (metric, kind)
        for row, line in zip(told, lines, strict=True):
            values = dict(zip(header, line, strict=True))
            assert values.keys() == {*row, "channel"}, (metric, kind)
            for name, value in row.items():
                same = values[name] == value or str(value or "") == (values[name] or "")
                assert same, (metric, kind, name)


def table_of(content: bytes, kind: str) -> list[list]:
    if kind == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_a_text_that_a_spreadsheet_would_calculate_is_only_a_text(
    browser_of, manager, alice, group
):
    Member.objects.filter(pk=alice.pk).update(name="+1-cmd@a")
    alice.refresh_from_db()
    batches.post(draft_of(alice, group, "an answer"))
    browser = browser_of(manager)
    content = browser.get(f"{REPORTS}export.csv?metric=first_reply").content
    assert table_of(content, "csv")[1][2] == "'+1-cmd@a"
    content = browser.get(f"{REPORTS}export.xlsx?metric=first_reply").content
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["C2"]
    assert (cell.value, cell.data_type) == ("+1-cmd@a", "s")
    for text in ("=1", "+1", "-1", "@x", "\t=1", "\r=1"):
        assert spreadsheets.neutral(text) == f"'{text}"
    values = [spreadsheets.neutral(value) for value in ("a=1", 5, None, "小艾")]
    assert values == ["a=1", 5, "", "小艾"]


def test_a_file_that_no_spreadsheet_takes_is_refused(browser_of, manager, answered, monkeypatch):
    monkeypatch.setattr(exports, "MOST", 1)
    answer = browser_of(manager).get(f"{REPORTS}export.csv?metric=receptions", **JSON)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_long")
    monkeypatch.setattr(exports, "MOST", 2)
    assert browser_of(manager).get(f"{REPORTS}export.csv?metric=receptions").status_code == 200


def test_an_hour_of_the_week_has_the_receptions_of_the_heat_map(browser_of, manager, answered):
    browser = browser_of(manager)
    hours = browser.get(REPORTS, **JSON).json()["by_hour"]
    for weekday, row in enumerate(hours):
        for hour in (0, 9, 23, *(hour for hour, n in enumerate(row) if n)):
            path = f"{REPORTS}rows/?metric=receptions&weekday={weekday}&hour={hour}"
            assert browser.get(path, **JSON).json()["n"] == row[hour]
    for wrong in ("weekday=7&hour=1", "weekday=1", "hour=24&weekday=0", "weekday=x&hour=1"):
        path = f"{REPORTS}rows/?metric=receptions&{wrong}"
        assert browser.get(path, **JSON).status_code == 400


def test_charts_fill_their_box_and_leave_gaps_where_nothing_is():
    lines = [Measures(receptions=4, unanswered=1), Measures(), Measures(receptions=2)]
    found, most = charts.bars([None] * 3, lines)
    assert most == 4 and [bar.height for bar in found] == [160.0, 0.0, 80.0]
    assert found[2].top == 80.0 and found[0].upper == 40.0
    lines = [Measures(first_reply=[1.0]), Measures(), Measures(first_reply=[2.0])]
    steps, longest, late = charts.steps(lines, "first_reply")
    assert longest == 5 and steps["median"].count("M") == 2 and late == [1.0, None, 2.0]
    # What is longer runs along the top, and is named there.
    lines = [Measures(first_reply=[float(n)]) for n in (1, 2)]
    lines.append(Measures(first_reply=[*([1.0] * 5), 900.0]))
    steps, longest, late = charts.steps(lines, "first_reply")
    assert "-" not in steps["p90"] and " 0H" in steps["p90"]
    ticks = charts.axis(["Mon", "Tue", "Wed"], late, longest)
    assert [one.seconds for one in ticks] == [None, None, 900.0]
    assert [one.tick for one in ticks] == ["Mon", "Tue", "Wed"]
    many = charts.axis([str(n) for n in range(25)], [None] * 25, 1)
    assert [one.tick for one in many if one.tick] == [str(n) for n in range(0, 25, 3)]
    assert [charts.ceiling(n) for n in (0, 1, 2, 3, 7, 11, 100, 101)] == [
        *(1, 1, 2, 3, 7, 20, 100, 200)
    ]
    tops = [charts.top(n) for n in (0.4, 1, 40, 595, 601, 4000, 86_401, 432_001, 700_000)]
    assert tops == [0.4, 1, 60, 600, 900, 7200, 172_800, 604_800, 1_209_600]
    assert [duration(n) for n in (0.2, 1.6, 59.4, 61)] == ["0.2 s", "2 s", "59 s", "1 min 1 s"]
    assert charts.shades([[0, 1, 50, 100]]) == [[(0, 0), (1, 1), (50, 3), (100, 5)]]
