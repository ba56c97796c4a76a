"""Articles that are suggested to whoever writes."""

import threading

import pytest

from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import ArticleUse, Visitor
from chat.sockets import base
from tests.chat.helpers import database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(enterprise, other_enterprise):
    for slug, audience, state in (
        ("tea", "public", "published"),
        ("margin", "internal", "published"),
        ("later", "public", "draft"),
    ):
        text = Text("How long tea keeps", "Two years.", audience=audience)
        articles.put(enterprise, slug, "en", text, state)
    articles.put(other_enterprise, "foreign", "en", Text("How long tea keeps", "Text."))


async def suggested(socket, text, **fields) -> set[str]:
    await socket.send("knowledge.suggest", text=text, **fields)
    event = await socket.until("knowledge.suggested")
    assert event["text"] == text
    return {one["slug"] for one in event["results"]}


async def test_visitors_are_suggested_public_articles_and_agents_internal_ones_too(
    connect, written, enterprise, guest, alice, carol, group
):
    visitor, agent, colleague = [await connect(who) for who in (guest, alice, carol)]
    assert await suggested(visitor, "how long does tea keep") == {"tea"}
    assert await suggested(visitor, "how long does tea keep", group=group) == {"tea"}
    assert await suggested(agent, "how long does tea keep", group=group) == {"tea", "margin"}
    for nothing in ("", "hello", "是", "quantum physics", '" OR * ) ('):
        assert await suggested(visitor, nothing) == set()
    await colleague.send("knowledge.suggest", text="how long does tea keep", group=group)
    assert (await colleague.until("error"))["code"] == "not_found"
    enterprise.suggests_articles = False
    await database(enterprise.save)()
    assert await suggested(visitor, "how long does tea keep") == set()
    assert not await database(ArticleUse.objects.exists)()


async def test_a_result_names_its_address(connect, written, guest):
    visitor = await connect(guest)
    await visitor.send("knowledge.suggest", text="how long does tea keep")
    (result,) = (await visitor.until("knowledge.suggested"))["results"]
    assert result == {
        "slug": "tea",
        "lang": "en",
        "title": "How long tea keeps",
        "snippet": "Two years.",
        "url": "/help/acme/tea/?lang=en",
    }


async def test_agents_are_suggested_each_article_once_in_the_visitors_language(
    connect, written, enterprise, guest, alice, group
):
    put = database(articles.put)
    await put(enterprise, "tea", "zh-hans", Text("茶能放多久", "两年。"))
    await put(enterprise, "margin", "zh-hans", Text("利润", audience="internal"), "draft")
    for language, lang in (("zh-hans", "zh-hans"), ("en", "en"), ("", "en")):
        await database(Visitor.objects.update)(language=language)
        agent = await connect(alice)
        await agent.send("knowledge.suggest", text="how long does tea keep", group=group)
        results = (await agent.until("knowledge.suggested"))["results"]
        shown = {(one["slug"], one["lang"], one.get("internal", False)) for one in results}
        assert shown == {("tea", lang, False), ("margin", "en", True)}, language


async def test_no_message_waits_for_a_suggestion(connect, written, guest, group, monkeypatch):
    found = threading.Event()

    def late(asked):
        found.wait(20)
        return [[] for _ in asked]

    monkeypatch.setattr(base.suggest_together, "function", late)
    visitor = await connect(guest)
    await visitor.send("knowledge.suggest", text="how long does tea keep")
    assert (await visitor.say("hello"))["type"] == "message.accepted"
    found.set()
    assert await visitor.until("knowledge.suggested")
