"""A report with the demo's conversations, and without them."""

from datetime import timedelta

import pytest

from chat.models import Conversation, Origin
from chat.reports import counting
from chat.reports.counting import packs
from chat.reports.showing import facts, listing, question, report
from tests.chat.helpers import JSON

pytestmark = pytest.mark.django_db

REPORTS = "/admin/reports/"
PERIOD = {"from": "2026-03-20", "to": "2026-05-20", "zone": "UTC"}


@pytest.fixture(params=[Origin.DEMO, Origin.IMPORTED])
def scene(request, scene, alice):
    """A reception of a real visitor, and one of the demo or imported, answered later."""
    for seconds in (30, 90):
        talk = scene.begin()
        scene.says(talk)
        scene.wait(seconds=seconds)
        scene.answers(talk, alice)
        scene.says(talk)
        scene.wait(seconds=seconds)
        scene.answers(talk, alice)
        scene.acts("close", talk, alice)
        scene.rates(talk, 5 if seconds == 30 else 1)
    Conversation.objects.filter(uuid=talk.group).update(origin=request.param)
    return scene


def test_a_report_can_leave_the_demo_out_however_it_was_counted(scene, manager):
    def check():
        for demo, n, median in (("", 2, 30.0), ("1", 2, 30.0), ("0", 1, 30.0)):
            asked = question.ask(manager, PERIOD | {"demo": demo}, scene.now)
            lines = facts.counted(asked)
            assert lines.demo == (n == 2)
            found = report.shaped(asked, lines)
            totals = found["totals"]
            assert (totals["receptions"], totals["messages_in"]) == (n, 2 * n)
            assert (totals["first_reply"]["n"], totals["first_reply"]["median"]) == (n, median)
            assert totals["rating"] == {"n": n, "mean": 3.0 if n == 2 else 5.0}
            assert sum(map(sum, found["by_hour"])) == n
            for metric in listing.METRICS:
                page = listing.page(asked, {"metric": metric}, scene.now)
                figure = totals[metric]
                assert (
                    len(page.rows)
                    == page.n
                    == (figure["n"] if isinstance(figure, dict) else figure)
                )
            assert lines.provisional == n

    check()
    counting.count()
    check()
    packs.pack_days(scene.now + timedelta(days=1))
    check()
    counting.rebuild()
    check()


def test_the_page_marks_the_demo_and_offers_to_leave_it_out(scene, manager, browser_of):
    browser = browser_of(manager)
    page = browser.get(REPORTS, PERIOD).content.decode()
    assert "1 of 2 receptions is invented for the demo" in page and 'name="demo"' in page
    assert "demo=0" in page
    page = browser.get(REPORTS, PERIOD | {"demo": "0"}).content.decode()
    assert "invented for the demo" not in page and 'name="demo" value="0" checked' in page
    assert "demo=0" in page, "rows and files leave it out, too"
    Conversation.objects.update(origin=Origin.LIVE)
    page = browser.get(REPORTS, PERIOD).content.decode()
    assert "invented for the demo" not in page and 'name="demo"' not in page


def test_what_demo_is_not_is_refused(manager, browser_of):
    answer = browser_of(manager).get(REPORTS, {"demo": "no"}, **JSON)
    assert (answer.status_code, answer.json()["field"]) == (400, "demo")
