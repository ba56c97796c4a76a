"""Greetings and invitations on another origin, under a strict policy; and the agents' list."""

import time

import pytest
from playwright.sync_api import expect

from .pages import VIEWS, accessible, at_desk, looks, sees, shot, until, write
from .widget import button, chat

TOLD = "/chat/demo/visit/"
KEPT = 1.1
"""Seconds until the widget shows what another process than the server has written."""


def switch(server, told: bool) -> None:
    server.sql("UPDATE enterprise SET visits_told = ? WHERE code = 'demo'", told)
    time.sleep(KEPT)


@pytest.fixture
def rules(server, shops):
    """A function: the demo greets by these rules, (text, page, seconds, visits); `staffed`: only
    while somebody is there."""

    def made(*rules: tuple, staffed: bool = False) -> None:
        values = f"(SELECT id FROM enterprise WHERE code = 'demo'), ?, ?, ?, ?, {staffed:d}, 1, 0"
        columns = "enterprise_id, text, page, seconds, visits, only_staffed, active, position"
        insert = f"INSERT INTO greeting_rule ({columns}) VALUES ({values})"
        for rule in rules:
            server.sql(insert, *rule)
        time.sleep(KEPT)

    yield made
    server.sql("DELETE FROM greeting_rule")


@pytest.fixture
def told(server, shops):
    """The demo wants to know who is on its sites."""
    switch(server, True)
    server.sql("DELETE FROM site_visit")
    yield
    switch(server, False)


def bubble(page):
    return page.locator("kefu-words section")


def words(page):
    return page.locator("kefu-words .words")


def asked(page) -> list[str]:
    """What the page tells from now on."""
    found = []
    page.on("request", lambda request: TOLD in request.url and found.append(request.url))
    return found


@looks
def test_a_rule_greets_by_page_and_seconds_and_what_it_said_begins_the_thread(
    browse, sign_in, shop, rules, look
):
    text = f"需要帮您选一款吗？ {look}"
    rules((text, "/next*", 2, 1), ("never", "/", 0, 2), ("never", "/elsewhere", 0, 1))
    page = browse(shop.url, **look)
    sent = asked(page)
    expect(button(page)).to_be_visible()

    page.wait_for_timeout(2_500)
    expect(bubble(page)).to_have_count(0)
    began = time.monotonic()
    page.goto(f"{shop.url}/next")
    expect(words(page)).to_have_text(text)
    assert time.monotonic() - began > 1.5
    expect(bubble(page)).to_have_attribute("aria-live", "polite")

    page.wait_for_timeout(300)
    accessible(page)
    words(page).focus()
    page.keyboard.press("Enter")
    frame = chat(page)
    expect(frame.locator(".greeting .body")).to_have_text(text)
    expect(bubble(page)).to_have_count(0)

    write(frame, f"yes please {look.locale}", frame)
    sees(frame, text)
    expect(frame.locator(".greeting")).to_be_hidden()
    shot(page)

    agent = at_desk(sign_in, "alice", f"yes please {look.locale}")
    sees(agent, text)
    assert sent == [], "a greeting tells nobody anything"
    page.reload()
    sees(chat(page), text)


def test_what_was_closed_stays_so_also_against_an_invitation(
    browse, sign_in, server, shop, rules, told
):
    rules(("May I help?", "*", 0, 1))
    page = browse(shop.url)
    expect(words(page)).to_have_text("May I help?")
    agent = sign_in("alice")
    agent.goto("/agent/visitors/")
    expect(agent.locator("tbody tr")).to_contain_text("Shop")
    agent.click(".invite summary")
    with page.expect_response(lambda response: TOLD in response.url):
        page.keyboard.press("Tab")
        page.locator("kefu-words .no").click()
    expect(bubble(page)).to_have_count(0)
    agent.click(".invite .button.primary")
    expect(agent.locator(".notice-bar")).to_contain_text("declined an invitation")
    expect(agent.locator("tbody tr")).to_contain_text("Declined an invitation")
    page.clock.install()
    for path in ("/next", "/"):
        # As if a colleague's invitation had been stored just before.
        server.sql("UPDATE site_visit SET invitation = 'Hello', dismissed_at = NULL")
        page.goto(shop.url + path)
        expect(button(page)).to_be_visible()
        page.clock.fast_forward(16_000)
        page.wait_for_timeout(800)
        expect(bubble(page)).to_have_count(0)
    page.evaluate("Kefu.open()")
    expect(chat(page).locator(".greeting .body")).not_to_have_text("May I help?")


def test_an_agent_invites_from_the_list_and_the_visitor_answers(browse, sign_in, shop, rules, told):
    rules(("May I help?", "/", 0, 1))
    page, other = browse("about:blank"), browse(f"{shop.url}/next")
    page.clock.install()
    page.goto(f"{shop.url}/?x")
    expect(words(page)).to_have_text("May I help?")
    expect(button(other)).to_be_visible()

    agent = sign_in("alice")
    agent.clock.install()
    agent.click('.rail [href="/agent/visitors/"]')
    row = agent.locator("tbody tr").filter(has_text="Shop")
    expect(agent.locator("tbody tr")).to_have_count(2)

    row.locator("summary").click()
    row.locator("textarea").fill("Shall I help?")
    for size, scheme in (("desktop", "light"), ("phone", "dark")):
        agent.set_viewport_size(VIEWS[size])
        agent.emulate_media(color_scheme=scheme)
        accessible(agent)

    other.close()
    with agent.expect_response("**/agent/visitors/") as fetched:
        agent.clock.fast_forward(11_000)
    assert fetched.value.request.headers["x-requested-with"] == "XMLHttpRequest", "nobody opened it"

    agent.wait_for_timeout(300)
    # The list came anew meanwhile; what is being written stays.
    expect(row.locator("textarea")).to_have_value("Shall I help?")
    expect(row.locator("textarea")).to_be_focused()

    row.locator(".button.primary").click()
    expect(agent.locator(".notice-bar.ok")).to_be_visible()
    expect(row.locator(".mark")).to_contain_text("小艾")
    page.clock.fast_forward(16_000)
    expect(words(page)).to_have_text("Shall I help?")
    expect(page.locator("kefu-words .name")).to_have_text("小艾")

    words(page).click()
    frame = chat(page)
    expect(frame.locator(".greeting .name")).to_have_text("小艾")
    write(frame, "Oh yes, the green one", frame)
    sees(frame, "Shall I help?")

    page.clock.fast_forward(16_000)
    page.wait_for_timeout(500)
    agent.clock.fast_forward(11_000)
    row.locator("a.button").click()
    sees(agent, "Oh yes, the green one")
    expect(agent.locator(".pages .step").first).to_contain_text("localhost")


def test_a_rule_for_when_somebody_is_there_asks_that_anew(browse, sign_in, server, shop, rules):
    def greets(expected: bool) -> None:
        """Waits until the enterprise does so, or does not: all who were there are gone. She goes
        by herself: of one who comes back before she is found gone, the lease ends once more."""
        others = "who NOT IN (SELECT uuid FROM member WHERE name = 'alice')"
        for _ in range(100):
            if not expected:
                server.sql(f"DELETE FROM presence WHERE {others}")
            answer = page.request.get(f"{server.url}/chat/demo/widget/").json()
            if ("inviting" in answer) == expected:
                return
            page.wait_for_timeout(100)
        raise AssertionError(f"never {expected}")

    rules(("Shall we talk?", "*", 30, 1), staffed=True)
    agent = sign_in("alice")
    page = browse("about:blank")
    greets(True)
    page.clock.install()
    page.goto(shop.url)
    expect(button(page)).to_be_visible()
    agent.close()
    greets(False)
    with page.expect_response("**/chat/demo/widget/*") as look:
        page.clock.run_for(32_000)
    assert "inviting" not in look.value.json(), "from the server, not from before"
    page.wait_for_timeout(500)
    expect(bubble(page)).to_have_count(0)
    sign_in("alice")
    greets(True)
    page.clock.run_for(61_000)
    expect(words(page)).to_have_text("Shall we talk?")


def test_nothing_is_told_where_it_is_off_or_the_browser_asks_for_that(
    browse, shop, rules, told, server
):
    rules(("Hello", "*", 1, 1))
    page = browse("about:blank")
    page.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true });"
    )
    sent = asked(page)
    page.goto(shop.url)
    expect(words(page)).to_have_text("Hello")
    page.locator("kefu-words .no").click()
    page.wait_for_timeout(500)
    assert sent == []
    assert "key" not in page.evaluate("localStorage.getItem('kefu:demo:visit')")
    switch(server, False)
    other = browse(shop.url)
    sent = asked(other)
    expect(words(other)).to_have_text("Hello")
    other.wait_for_timeout(500)
    assert sent == []


def test_a_single_page_application_greets_by_its_own_addresses(browse, shop, rules, told):
    rules(("On two", "/app/2", 0, 1))
    page = browse(f"{shop.url}/app")
    expect(button(page)).to_be_visible()
    page.wait_for_timeout(1_200)
    expect(bubble(page)).to_have_count(0)
    page.get_by_role("button", name="on", exact=True).click()
    expect(words(page)).to_have_text("On two")
    page.get_by_role("button", name="Chat with us").click()
    expect(bubble(page)).to_have_count(0)
    until(page, "JSON.parse(localStorage['kefu:demo:visit']).done === 'opened'")
