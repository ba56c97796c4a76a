"""A new visitor chooses a topic, and the team of it answers."""

from playwright.sync_api import expect

from .steps import looks, open_conversation, sees, write
from .test_hours import edit_team
from .test_pages import VIEWS, accessible


@looks("view")
def test_a_topic_leads_to_its_team_and_is_told_to_the_agents(
    browse, enterprise, sign_in, locale, view, scheme
):
    code = enterprise(f"topics-{locale.lower()}-{view}")
    topics = {"topics-0-label": "退款与换货", "topics-0-position": "1"}
    edit_team(browse, code, **topics)
    look = {"locale": locale, "viewport": VIEWS[view], "color_scheme": scheme}
    page = browse(f"/chat/{code}/", **look)
    expect(page.locator("#composer")).to_have_count(0)
    accessible(page)
    page.click(".choose a")
    expect(page.locator(".introduction .topic b")).to_have_text("退款与换货")
    accessible(page)
    page.click(".introduction .topic a")
    page.click(".choose a")
    write(page, "我想退货")
    sees(page, "我想退货")
    expect(page.locator(".introduction .topic")).to_have_count(0)
    agent = sign_in(f"{code}-alice", locale=locale)
    open_conversation(agent, "我想退货")
    expect(agent.locator("[data-fact=topic]")).to_have_text("退款与换货")
    page.goto(f"/chat/{code}/")
    sees(page, "我想退货")
