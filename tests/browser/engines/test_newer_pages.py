"""Knowledge, customers, channels, robots and the assistant, in Firefox and in WebKit."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.fake_model import Model

HOUSE = """
from accounts.models import Enterprise, Member
from chat.assistant import assistants
from chat.knowledge import articles
from chat.models import Channel, Robot
from chat.notifications.robots import sending
enterprise = Enterprise.objects.get(code={code!r})
Member.objects.filter(name={code!r} + "-alice").update(role=Member.Role.MANAGER)
for lang, body in ("en", "A broken lid is replaced."), ("zh-hans", "盖子碎了可以免费补发。"):
    articles.put(enterprise, "lid", lang, articles.Text(body, body, "Lids"))
of = dict(ent_id={code!r}, active=False)
Channel.objects.create(**of, key={code!r}, kind="telegram", name="Tea", team=enterprise.teams.get())
Robot.objects.create(**of, kind="slack", name="Pot", sealed=sending.seal("https://h", ""))
assistants.change(assistants.make(enterprise), url={url!r}, model="small", mode="answer")
"""
PAGES = {
    "/help/{code}/?lang={lang}": ".topics a",
    "/help/{code}/?q=lid&lang={lang}": ".found a",
    "/agent/articles/": ".article-rows a",
    "/agent/articles/lid/en/history/": ".articles-head",
    "/agent/alerts/": ".this-browser .try",
    "/admin/channels/": ".by-telegram",
    "/admin/channels/{code}/": ".channel-guide li",
    "/admin/notifications/": ".by-slack",
    "/admin/notifications/add/dingtalk/": ".channel-guide li",
    "/admin/assistant/": "[name=mode]",
    "/admin/assistant/model/": "[name=url]",
    "/admin/assistant/trial/": "[name=question]",
}
"""What is seen on each page."""


@pytest.fixture
def house(request, server, enterprise):
    """An enterprise of its own that has one of each, whose alice is its manager; its code."""
    code = enterprise(f"{request.node.callspec.params['window']}-house")
    with Model() as model:
        server.arrange(HOUSE.format(code=code, url=model.url))
        yield code


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_page_is_shown_to_everybody_and_its_scripts_run(house, sign_in, language):
    alice = sign_in(f"{house}-alice")
    alice.speak(language)
    if language == "zh-hans":
        alice.browser.narrow()
    for path, seen in PAGES.items():
        alice.go(path.format(code=house, lang=language))
        alice.comes_to(language, "return document.documentElement.lang.toLowerCase();")
        alice.shown(seen)
        alice.scripts_run()
        alice.accessible()


def test_an_article_is_written_published_and_found(house, sign_in):
    alice = sign_in(f"{house}-alice")
    alice.go("/agent/articles/new/")
    for field, words in (("#title", "Cold pots"), ("#body", "Warm the pot first.")):
        alice.click(field)
        alice.press(words)
    alice.comes_to("/agent/articles/cold-pots/en/", "return location.pathname;")
    alice.shown("#previewed", "Warm the pot first.")
    alice.click("[name=action][value=publish]")
    alice.shown(".languages-of .published")
    alice.go(f"/help/{house}/")
    alice.click("[name=q]")
    alice.press("pots")
    alice.shown("[role=option]", "Cold pots")
    alice.press(Keys.ARROW_DOWN, Keys.ENTER)
    alice.shown(".article-body", "Warm the pot first.")
    alice.click(".helpful button")
    alice.gone(".helpful button")


def test_tags_and_a_code_are_given_in_the_panel_of_a_telephone(house, window, sign_in):
    visitor = window(f"/chat/{house}/?lang=en")
    visitor.write("a person, please")
    alice = sign_in(f"{house}-alice")
    alice.open_conversation("a person, please")
    alice.browser.narrow()
    alice.click(".panel-open")
    alice.click(".add-tag input")
    alice.press("报修", Keys.ENTER)
    alice.shown(".panel .tag", "报修")
    alice.click(".edit > summary")
    alice.click("#visitor-contact")
    alice.press("li@example.com", Keys.ENTER)
    alice.click(".proving button")
    alice.shown(".proving button", "It is on its way")
    customer = alice.shown(".customer-page").get_attribute("href")
    alice.run("history.back();")
    alice.gone(".panel")
    alice.click(".opened .back")
    alice.shown(".inbox")
    alice.go(customer)
    alice.shown(".visitor-page", "li@example.com")
    alice.scripts_run()
    alice.accessible()


def test_an_assistant_answers_until_a_person_is_wanted(house, window):
    visitor = window(f"/chat/{house}/")
    visitor.speak("zh-hans")

    def is_served() -> bool:
        visitor.go(f"/chat/{house}/")
        return visitor.run("return !document.querySelector('.machine').hidden;")

    visitor.until(is_served, "no assistant")
    visitor.write("你好，我的盖子碎了，可以补发吗？")
    visitor.shown(".message .generated")
    visitor.accessible()
    visitor.write("转人工")
    visitor.shown(".message", "接下来由人工回复您")
    visitor.gone(".handover button")
