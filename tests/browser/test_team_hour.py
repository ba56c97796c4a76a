"""An hour of three agents and five visitors, played in a minute: what one of them does, the others
see. With KEFU_SHOTS, a picture of each step."""

import re
import time

import pytest
from playwright.sync_api import expect

from .convergence import converged
from .pages import (
    VIEWS,
    bodies,
    hand_on,
    keep_reply,
    message,
    picker,
    press,
    sees,
    shot,
    state_of,
    tool,
    view,
    write,
)
from .uploads import choose, chosen, loaded, pictures, png

pytestmark = pytest.mark.release

ENGLISH, CHINESE = "en-GB", "zh-CN"
AGENTS = {
    "alice": (ENGLISH, "desktop", "light"),
    "bob": (CHINESE, "desktop", "dark"),
    "carol": (CHINESE, "phone", "light"),
}
VISITORS = {
    "lin": (CHINESE, "phone", "light", "你好，我的订单 20931 还没到 👋"),
    "chen": (CHINESE, "desktop", "dark", "请问可以开增值税发票吗？"),
    "maria": (ENGLISH, "phone", "dark", "My parcel arrived broken, what can I do?"),
    "wang": (CHINESE, "desktop", "light", "我要退款"),
    "tom": (ENGLISH, "desktop", "light", "Do you ship to Norway?"),
}


def look(locale: str, view: str, scheme: str) -> dict:
    return {"locale": locale, "viewport": VIEWS[view], "color_scheme": scheme}


class Hour:
    """The pages of all, and the conversations by their visitor's name here."""

    def __init__(self, agents: dict, visitors: dict):
        self.agents, self.visitors = agents, visitors
        self.groups = {}
        self.pictures = 0

    def shot(self, who: str, what: str) -> None:
        self.pictures += 1
        page = self.agents.get(who) or self.visitors[who]
        shot(page, f"hour-{self.pictures:02}-{what}-{who}")

    def row(self, agent: str, visitor: str):
        return self.agents[agent].locator(f'.inbox [data-group="{self.groups[visitor]}"]')

    def view(self, agent: str, name: str) -> None:
        self.back(agent)
        view(self.agents[agent], name)

    def back(self, agent: str) -> None:
        page = self.agents[agent]
        if not page.locator(".inbox").is_visible():
            page.click(".thread-head .back")

    def open(self, agent: str, visitor: str):
        self.back(agent)
        self.row(agent, visitor).click()
        page = self.agents[agent]
        page.wait_for_url(f"**/agent/c/{self.groups[visitor]}/**")
        expect(page.locator(".loading")).to_be_hidden()
        return page

    def claim(self, agent: str, visitor: str):
        page = self.open(agent, visitor)
        page.click('[data-part="claim"] button')
        expect(page.locator('[data-part="release"]:not([hidden])')).to_have_count(1)
        return page


@pytest.fixture
def hour(enterprise, browse, sign_in):
    code = enterprise("hour")
    agents = {name: sign_in(f"{code}-{name}", **look(*how)) for name, how in AGENTS.items()}
    keep_reply(agents["alice"], "问候", "您好，{visitor}！我是{team}的{agent}，马上为您查询。")
    agents["alice"].goto("/agent/?view=unclaimed")
    visitors = {
        name: browse(f"/chat/{code}/", **look(*how)) for name, (*how, _text) in VISITORS.items()
    }
    return Hour(agents, visitors)


def test_three_agents_serve_five_visitors(hour):
    began = time.monotonic()
    alice, bob, carol = hour.agents.values()
    lin, chen, maria, wang, tom = hour.visitors.values()

    for name, (*_look, text) in VISITORS.items():
        write(hour.visitors[name], text)
        row = alice.locator(".inbox .row").filter(has_text=text)
        expect(row).to_have_count(1)
        hour.groups[name] = row.get_attribute("data-group")
    expect(alice.locator('.views [data-view="unclaimed"] .count')).to_have_text("5")
    for name in ("alice", "bob", "carol", "lin"):
        hour.shot(name, "five-write")

    hour.claim("alice", "lin")
    hour.claim("bob", "chen")
    hour.claim("carol", "maria")
    hour.view("alice", "all")
    for visitor, holder in (("lin", "you"), ("chen", "小博"), ("maria", "小卡")):
        expect(hour.row("alice", visitor).locator(".row-claim")).to_have_text(holder)
    for name in hour.agents:
        hour.shot(name, "claims")

    alice.type("#content", "/问候")
    expect(alice.locator(".suggestions [role=option]")).to_have_count(1)
    hour.shot("alice", "canned-reply")
    alice.press("#content", "Enter")
    alice.press("#content", "Enter")
    expect(lin.locator(".messages .message").last).to_contain_text("您好！我是")
    hour.shot("lin", "greeted")

    bob.check("[name=note][value='1']")
    bob.type("#content", "金额超过一万，@小卡")
    expect(bob.locator(".suggestions [role=option]")).to_contain_text(["小卡"])
    bob.press("#content", "Enter")
    bob.type("#content", "你来定？")
    hour.shot("bob", "note")
    bob.press("#content", "Enter")
    hour.view("carol", "mentioned")
    expect(hour.row("carol", "chen").locator(".row-mentioned")).to_be_visible()
    hour.shot("carol", "mentioned")
    hour.open("carol", "chen")
    carol.check("[name=note][value='1']")
    write(carol, "可以开，走财务审批")
    sees(bob, "可以开，走财务审批")
    bob.check("[name=note][value='']")
    write(bob, "可以的，请把抬头和税号发给我。")
    sees(chen, "可以的，请把抬头和税号发给我。")
    for name in ("bob", "carol", "chen"):
        hour.shot(name, "decided")
    assert "财务审批" not in chen.content() and "一万" not in chen.content()

    choose(maria, chosen("broken.png", png((900, 600), "firebrick")))
    hour.shot("maria", "picture-chosen")
    maria.press("#content", "Enter")
    hour.view("carol", "mine")
    hour.open("carol", "maria")
    loaded(pictures(carol).first)
    hour.shot("carol", "picture")
    pictures(carol).first.click()
    loaded(carol.locator("dialog.viewer img"))
    hour.shot("carol", "viewer")
    carol.keyboard.press("Escape")

    picker(carol, "transfer")
    hour.shot("carol", "transfer")
    press(carol, "Escape")
    hand_on(carol, "小艾", "英文客户，请你接手")
    hour.view("alice", "mine")
    hour.open("alice", "maria")
    sees(alice, "英文客户，请你接手")
    write(alice, "I am so sorry! A new one is on its way to you today.")
    sees(maria, "I am so sorry! A new one is on its way to you today.")
    for name in ("alice", "maria"):
        hour.shot(name, "handed-on")

    hour.view("bob", "all")
    hour.open("bob", "tom")
    choices = picker(bob, "snooze").locator("[role=option]")
    hour.shot("bob", "snooze")
    choices.nth(2).click()
    expect(bob.locator('[data-part="wake"]')).to_be_visible()
    hour.shot("bob", "snoozed")
    hour.open("bob", "wang")
    expect(hour.row("bob", "tom")).to_have_count(0)
    write(tom, "It would be for next week.")
    expect(hour.row("bob", "tom")).to_be_visible()
    hour.open("bob", "tom")
    sees(bob, "It would be for next week.")

    hour.open("alice", "lin")
    write(alice, "您的快递单号是 SF1000")
    # Only what is stored can be taken back.
    expect(state_of(alice, "您的快递单号是 SF1000")).to_have_text(re.compile("Sent|Read"))
    tool(alice, "您的快递单号是 SF1000", "Recall").click()
    alice.get_by_role("button", name="Recall for everyone?").click()
    sees(lin, "您的快递单号是 SF1000", times=0)
    write(alice, "您的快递单号是 SF20931，今天送达。")
    tool(lin, "您的快递单号是 SF20931，今天送达。", "引用").click()
    write(lin, "收到，谢谢！")
    expect(message(alice, "收到，谢谢！").locator(".quote")).to_contain_text("SF20931")
    for name in ("alice", "lin"):
        hour.shot(name, "recalled-and-quoted")

    alice.click('[data-part="close"] button')
    rate(lin, stars=5, comment="很快，谢谢")
    expect(alice.locator(".messages .message").last).to_contain_text("很快，谢谢")
    hour.claim("bob", "wang")
    write(bob, "已经为您退款，1–3 个工作日到账。")
    sees(wang, "已经为您退款，1–3 个工作日到账。")
    bob.click('[data-part="close"] button')
    rate(wang, stars=3, comment="")
    expect(bob.locator(".messages .message").last).to_contain_text("3")
    for name in ("alice", "bob", "lin", "wang"):
        hour.shot(name, "closed-and-rated")

    write(lin, "对了，发票呢？")
    expect(alice.locator('[data-part="claim"]')).to_be_visible()
    expect(bodies(alice, "对了，发票呢？")).to_be_in_viewport()
    hour.view("carol", "unclaimed")
    for visitor in ("lin", "tom"):
        expect(hour.row("carol", visitor)).to_be_visible()
    expect(carol.locator(".inbox .row")).to_have_count(2)
    hour.view("bob", "closed")
    expect(hour.row("bob", "wang")).to_be_visible()
    expect(bob.locator(".inbox .row")).to_have_count(1)
    for name in hour.agents:
        hour.shot(name, "end")
    print(f"\nplayed in {time.monotonic() - began:.0f} s")
    for name, page in hour.agents.items():
        # What was open may keep a row that the view has no more, until another one is opened.
        hour.view(name, "all")
        hour.open(name, "maria")
        converged(page)


def rate(visitor, stars: int, comment: str) -> None:
    expect(visitor.locator(".rating")).to_be_visible()
    visitor.check(f".stars input >> nth={stars - 1}", force=True)
    visitor.fill("#comment", comment)
    visitor.click(".rating button")
    expect(visitor.locator(".thanks")).not_to_be_empty()
