"""A visitor who is handed on reads with whom they are, and sees that team from then on."""

import pytest
from playwright.sync_api import expect

from .conftest import PASSWORD
from .pages import (
    accessible,
    at_desk,
    came,
    hand_on,
    looks,
    open_conversation,
    picker,
    press,
    sees,
    shot,
    write,
)

FILL = """
from datetime import date, timedelta
from accounts import setup
from accounts.models import Enterprise, Member
from chat.models import QuickQuestion
enterprise = Enterprise.objects.get(code={code!r})
service = enterprise.teams.get()
setup.join_team(setup.create_member({code!r} + "-dan", {password!r}, enterprise=enterprise,
    nickname="小丹"), service)
tea = setup.find_or_create_team(enterprise, "tea", "茶艺顾问")
eve = setup.create_member({code!r} + "-eve", {password!r}, enterprise=enterprise, nickname="小叶")
setup.join_team(eve, tea)
today = date.today()
days = [[str(today + timedelta(n)), "假期"] for n in range(-2, 9)]
setup.find_or_create_team(enterprise, "night", "夜班")
setup.join_team(eve, enterprise.teams.get(slug="night"))
enterprise.teams.filter(slug="night").update(
    hours={{"zone": "Asia/Shanghai", "week": [], "holidays": days}})
QuickQuestion.objects.create(team=service, question="几天能到？", answer="两天。")
QuickQuestion.objects.create(team=tea, question="绿茶还是红茶？", answer="都有。")
"""


@pytest.fixture
def house(server, enterprise):
    """A function: an enterprise with the team of its door, one of tea, and one that is closed."""

    def made(name: str) -> str:
        code = enterprise(name)
        server.arrange(FILL.format(code=code, password=PASSWORD))
        return code

    return made


@looks
def test_the_page_follows_the_visitor_from_team_to_team(browse, sign_in, house, look):
    code = house(f"hand-{look}")
    alice, eve = sign_in(f"{code}-alice", **look), sign_in(f"{code}-eve", **look)
    visitor = came(browse, "我想买茶", code, **look)
    expect(visitor.locator(".queue")).to_be_visible()

    visitor.fill("#content", "half a thought")
    open_conversation(alice, "我想买茶")
    box = picker(alice, "transfer")
    teams = box.locator("[role=group]", has_text="夜班")
    expect(teams.locator("[role=option]")).to_have_count(2)

    teams.locator("[role=option]", has_text="夜班").click()
    expect(box.locator(".warning[data-kind=team]")).to_be_visible()
    accessible(alice)

    box.locator(".again").click()
    teams.locator("[role=option]", has_text="茶艺顾问").click()
    expect(box.locator(".warning[data-kind=team]")).to_be_hidden()
    box.locator(".primary").click()
    expect(visitor.locator(".messages .message").last).to_contain_text("茶艺顾问")

    for _ in range(2):
        expect(visitor.locator(".serving")).to_have_text("茶艺顾问")
        expect(visitor.locator(".faces .avatar")).to_have_text(["叶"])
        expect(visitor.locator(".questions button")).to_have_text(["绿茶还是红茶？"])
        expect(visitor.locator(".status .dot")).to_have_class("dot on")
        expect(visitor.locator("#content")).to_have_value("half a thought")
        accessible(visitor)
        visitor.reload()

    visitor.fill("#content", "")
    visitor.click(".questions > summary")
    visitor.click(".questions button")
    sees(visitor, "都有。")
    expect(visitor.locator(".queue")).to_be_visible()

    # The new team's coming and going is told to the page that has followed it.
    eve.close()
    expect(visitor.locator(".status .dot")).to_have_class("dot off")


def test_who_is_told_that_nobody_is_there_is_not_told_a_place_in_the_line(browse, sign_in, house):
    code = house("hand-nobody")
    visitor = came(browse, "anybody?", code)
    queue = visitor.locator(".queue")
    expect(queue).to_have_text("You are next.")
    expect(visitor.locator(".status-text")).to_contain_text("Nobody is online")
    expect(queue).to_be_hidden()
    sign_in(f"{code}-alice")
    expect(queue).to_be_visible()


def test_handed_on_to_a_colleague_the_visitor_reads_who_it_is_and_stands_in_no_line(
    browse, sign_in, house
):
    code = house("hand-colleague")
    alice, bob = sign_in(f"{code}-alice"), sign_in(f"{code}-bob")
    visitor = came(browse, "anybody?", code)
    expect(visitor.locator(".queue")).to_be_visible()
    open_conversation(alice, "anybody?")
    expect(picker(alice, "transfer").locator("[role=option]", has_text="小艾")).to_have_count(0)
    press(alice, "Escape")
    hand_on(alice, "小博")
    sees(visitor, "小博 is now helping you")
    expect(visitor.locator(".queue")).to_be_hidden()
    expect(visitor.locator(".serving")).to_have_count(0)
    open_conversation(bob, "anybody?")
    hand_on(bob, "夜班")
    expect(visitor.locator(".serving")).to_have_text("夜班")
    expect(visitor.locator(".status-text")).to_contain_text("Outside working hours")
    shot(visitor)


def test_two_pages_of_a_visitor_show_the_team_of_each_alone(browse, sign_in, house):
    code = house("hand-beside")
    service = came(browse, "about an order", code)
    tea = browse(f"/chat/{code}/?team=tea", context=service.context)
    alice = at_desk(sign_in, f"{code}-alice", "about an order")
    write(alice, "it is on its way", service)
    write(tea, "about tea", tea)
    eve = at_desk(sign_in, f"{code}-eve", "about tea")
    write(eve, "green or black?", tea)
    write(alice, "it has arrived", service)
    said = ".messages .message:not([data-kind=notice]) .body"
    expect(service.locator(said)).to_have_text(
        ["about an order", "it is on its way", "it has arrived"]
    )
    expect(tea.locator(said)).to_have_text(["about tea", "green or black?"])


def test_what_is_drawn_again_of_a_visitor_leaves_the_focus_where_it_is(browse, sign_in, house):
    code = house("hand-focus")
    tea = browse(f"/chat/{code}/?team=tea")
    write(tea, "about tea", tea)
    night = browse(f"/chat/{code}/?team=night", context=tea.context)
    write(night, "at night", night)
    eve = at_desk(sign_in, f"{code}-eve", "about tea")
    eve.focus(".others a")
    tea.close()
    night.close()
    expect(eve.locator(".who .dot")).to_have_class("dot off")
    expect(eve.locator(".others a")).to_be_focused()
