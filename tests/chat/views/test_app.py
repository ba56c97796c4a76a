"""The workspace as an app: what is the same for everybody, and what is one member's."""

import re

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_worker_is_a_script_that_browsers_ask_for_anew_and_that_changes_with_the_files(
    client, monkeypatch
):
    from chat.views.agents import app

    answer = client.get("/agent/sw.js")
    script = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache" and "sessionid" not in answer.cookies
    assert "import " not in script and "export " not in script
    assert "/static/js/agent/workspace.js" in script and "/static/css/agent/offline.css" in script
    unchanged = client.get("/agent/sw.js", headers={"if-none-match": answer["ETag"]})
    assert unchanged.status_code == 304
    monkeypatch.setattr(app, "shell_files", lambda: ["/static/other.css"])
    app.worker_script.cache_clear()
    other = client.get("/agent/sw.js").content.decode()
    app.worker_script.cache_clear()
    first, second = (re.search(r'VERSION="(\w+)"', one)[1] for one in (script, other))
    assert first != second


def test_the_manifest_speaks_the_members_language(browser_of, alice):
    alice.language = "zh-hans"
    alice.save()
    facts = browser_of(alice).get("/agent/app.webmanifest").json()
    assert (facts["start_url"], facts["scope"], facts["display"]) == (
        "/agent/",
        "/agent/",
        "standalone",
    )
    assert facts["shortcuts"][0]["name"] == "会话"
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}


def test_words_name_the_member_and_their_session_to_nobody_else(client, browser_of, alice):
    first, second = (browser_of(alice).get("/agent/app.json").json() for _ in range(2))
    assert first["me"] == alice.uuid and first["session"] != second["session"]
    stranger = client.get("/agent/app.json").json()
    assert (stranger["me"], stranger["session"]) == ("", "")
    assert alice.uuid not in client.get("/agent/offline/").content.decode()
