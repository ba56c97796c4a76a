"""By channel: what the archive finds and exports, and what reports count."""

import pytest

from chat.archive import page
from tests.chat.archive.making import ask_for, lines, made
from tests.chat.helpers import JSON

pytestmark = pytest.mark.django_db
ARCHIVE, REPORTS = "/admin/archive/", "/admin/reports/"


def test_the_archive_finds_and_exports_by_channel(talks, manager, browser_of):
    browser = browser_of(manager)
    for kind, talk in talks.items():
        answer = browser.get(ARCHIVE, {"channel": kind})
        assert [row.group for row in answer.context["rows"]] == [talk.uuid]
        assert f"{page.LABELS['channel']}: <b" in answer.content.decode().replace("\n", "")
    assert "Telegram</small>" in browser.get(ARCHIVE).content.decode()
    assert browser.get(ARCHIVE, {"channel": "fax"}, **JSON).status_code == 400
    (line,) = lines(made(ask_for(manager, channel="mail")))
    assert (line["group"], line["channel"]) == (talks["mail"].uuid, "mail")


def test_reports_are_narrowed_and_told_apart_by_channel(talks, manager, browser_of):
    browser = browser_of(manager)
    for fields in ({"channel": "mail"}, {"without": "channel"}):
        told = browser.get(REPORTS, fields, **JSON).json()
        assert told["totals"]["receptions"] == 1
    told = browser.get(REPORTS, {"by": "channel"}, **JSON).json()["by_channel"]
    assert [one["channel"] for one in told] == ["mail", "telegram", None]
    assert '<th scope="row"' in browser.get(REPORTS, {"by": "channel"}).content.decode()


def test_the_inbox_is_narrowed_by_channel(talks, alice, browser_of):
    browser = browser_of(alice)
    for kind, talk in talks.items():
        asked = {"view": "all", "channel": kind}
        rows = browser.get("/agent/inbox/", asked, **JSON).json()["groups"]
        assert [row["group"] for row in rows] == [talk.uuid]
        shown = browser.get("/agent/", asked)
        assert [row["group"] for row in shown.context["inbox"]] == [talk.uuid]
        assert f"channel={kind}" in shown.content.decode()
    assert 'data-channel="weixin"' not in shown.content.decode()
    assert browser.get("/agent/", {"channel": "fax"}).status_code == 404


def test_the_rows_of_a_figure_say_their_channel_in_a_file(talks, manager, browser_of):
    file = browser_of(manager).get(f"{REPORTS}export.csv", {"metric": "receptions"})
    head, *rows = file.content.decode("utf-8-sig").split()
    assert head.split(",")[-1] == "channel"
    assert {row.split(",")[0]: row.split(",")[-1] for row in rows} == {
        talk.uuid: kind.replace("page", "") for kind, talk in talks.items()
    }


def test_the_live_view_says_by_which_channel_somebody_waits(talks, manager, browser_of):
    shown = browser_of(manager).get("/admin/live/").content.decode()
    assert "Telegram</small>" in shown and "Mail</small>" in shown
