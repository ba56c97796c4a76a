"""A new visitor chooses a topic, and the team of it answers."""

import pytest
from playwright.sync_api import expect

from .administration import another_topic, edit_team
from .pages import accessible, at_desk, looks, sees, write
from .widget import button, chat, opened


@looks
def test_a_topic_leads_to_its_team_and_is_told_to_the_agents(
    server, browse, enterprise, sign_in, look
):
    code = enterprise(f"topics-{look}")
    topics = {"topics-0-label": "退款与换货", "topics-0-position": "1"}
    edit_team(browse, code, **topics)
    another_topic(server, code)
    page = browse(f"/chat/{code}/", **look)
    expect(page.locator("#composer")).to_have_count(0)
    accessible(page)
    page.click(".choose a")
    expect(page.locator(".introduction .topic b")).to_have_text("退款与换货")
    accessible(page)
    page.click(".introduction .topic a")
    page.click(".choose a")
    write(page, "我想退货", page)
    expect(page.locator(".introduction .topic")).to_have_count(0)
    agent = at_desk(sign_in, f"{code}-alice", "我想退货", locale=look.locale)
    expect(agent.locator("[data-fact=topic]")).to_have_text("退款与换货")
    page.goto(f"/chat/{code}/")
    sees(page, "我想退货")


@pytest.fixture
def topics(server):
    """Two topics of the demo, for as long as a test takes."""
    for label in ("Orders", "Prices"):
        server.sql(
            f"INSERT INTO topic (team_id, label, position) SELECT t.id, '{label}', 1 FROM team t"
            " JOIN enterprise e ON e.id = t.enterprise_id AND e.code = 'demo'"
        )
    yield
    server.sql("DELETE FROM topic WHERE label IN ('Orders', 'Prices')")


def test_in_a_sites_widget_a_choice_leads_on_in_the_same_frame(browse, shop, topics):
    page = browse(shop.url)
    frame = opened(page)
    expect(frame.locator(".choose a")).to_have_text(["Orders", "Prices"])
    edge = "element => innerWidth - element.getBoundingClientRect().right"
    assert 0 <= frame.locator(".leave").evaluate(edge) <= 12, "in the corner, as in the chat"
    frame.locator(".leave").click()
    expect(page.locator("kefu-chat div.open")).to_have_count(0)
    button(page).click()
    frame.locator(".choose a").first.click()
    expect(frame.locator(".emoji")).to_be_visible()
    write(chat(page), "about my order", chat(page))
    # The longest of what may stand there, as nobody is online, beside faces and two buttons.
    expect(frame.locator(".head .status-text")).to_contain_text("leave a message")
    assert frame.locator(".head").evaluate("element => element.offsetHeight") <= 100
    assert 0 <= frame.locator(".leave").evaluate(edge) <= 12
    page.reload()
    sees(chat(page), "about my order")
