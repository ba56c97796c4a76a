"""Articles beside the chat: on the visitor's page, under an answer, in the widget, for agents."""

import pytest
from django.test import Client

from chat.knowledge import articles, beside
from chat.knowledge.articles import Text
from chat.models import ArticleUse, QuickQuestion
from chat.posting import batches
from tests.chat.helpers import JSON, refused, rows_of

pytestmark = pytest.mark.django_db

NOT_FOR_VISITORS = ["margin", "later", "foreign", "gone", "", "TEA", "../tea", "te\x00a", "x" * 200]
TEA = {"title": "How long tea keeps", "url": "/help/acme/tea/?lang=en"}


@pytest.fixture
def written(enterprise, other_enterprise):
    articles.put(enterprise, "tea", "en", Text("How long tea keeps", "**Two** years."))
    articles.put(enterprise, "tea", "zh-hans", Text("茶叶能放多久", "两年。"))
    articles.put(enterprise, "margin", "en", Text("Secret margin", "Text.", audience="internal"))
    articles.put(enterprise, "later", "en", Text("Secret plan"), "draft")
    articles.put(other_enterprise, "foreign", "en", Text("Secret of others", "Text."))


def page(guest, query="", language="en") -> str:
    headers = {"Accept-Language": language}
    return guest.browser().get(f"/chat/acme/{query}", headers=headers, follow=True).content.decode()


def test_a_page_loads_what_shows_articles_only_where_visitors_have_some(guest, enterprise):
    articles.put(enterprise, "margin", "en", Text("Margin", "Text.", audience="internal"))
    assert "data-articles" not in page(guest)
    assert guest.browser().get("/chat/acme/articles/").status_code == 404
    articles.put(enterprise, "tea", "en", Text("Tea", "Text."))
    assert 'data-articles="/chat/acme/articles/"' in page(guest) and "data-suggests" in page(guest)
    assert "article-sheet" in guest.browser().get("/chat/acme/articles/").content.decode()
    enterprise.suggests_articles = False
    enterprise.save()
    assert "data-articles" in page(guest) and "data-suggests" not in page(guest)


def test_a_conversation_begins_with_an_article_that_visitors_may_read(guest, alice, written):
    assert 'href="/help/acme/tea/?lang=en" target="_blank" dir="auto">How long' in page(
        guest, "?article=tea"
    )
    assert "茶叶能放多久" in page(guest, "?article=tea", "zh-CN")
    for slug in NOT_FOR_VISITORS:
        found = page(guest, f"?article={slug}".replace("\x00", "%00"))
        assert "about-article" not in found and "Secret" not in found
    batches.post(guest.draft("hello"))
    assert "about-article" in page(guest, "?article=tea"), "led to the latest conversation"


def test_who_was_helped_is_counted_once_they_have_a_page(guest, written):
    address, form = "/chat/acme/articles/solved/", {"slug": "tea", "lang": "zh-hans"}
    assert guest.browser().post(address, form, **JSON).json() == {"ok": True}
    used = ArticleUse.objects.get()
    facts = used.kind, used.slug, used.lang, used.reader
    assert facts == ("solved", "tea", "zh-hans", guest.uuid)
    for slug in NOT_FOR_VISITORS:
        answer = guest.browser().post(address, {**form, "slug": slug}, **JSON)
        assert refused(answer) == (404, "not_found")
    assert Client().post(address, form, **JSON).status_code == 401
    assert ArticleUse.objects.count() == 1


def test_a_site_opens_the_articles_that_are_there(enterprise, written):
    enterprise.sites = "https://shop.example"
    enterprise.save()
    at = {"Origin": "https://shop.example", "Accept-Language": "en"}
    answer = Client().get("/chat/acme/article/tea/", headers=at)
    assert answer.json() == TEA and answer["Access-Control-Allow-Origin"] == at["Origin"]
    for slug in ("margin", "later", "foreign", "gone", "TEA", "x" * 200):
        answer = Client().get(f"/chat/acme/article/{slug}/", headers=at)
        assert refused(answer) == (404, "not_found")
    evil = {"Origin": "https://evil.example"}
    refusal = refused(Client().get("/chat/acme/article/tea/", headers=evil))
    assert refusal == (403, "forbidden")


@pytest.mark.parametrize(
    ("slug", "named"), [("tea", TEA), *((one, None) for one in NOT_FOR_VISITORS[:4]), ("", None)]
)
def test_an_answer_names_the_article_of_its_question(guest, alice, team, written, slug, named):
    question = QuickQuestion.objects.create(team=team, question="Tea?", answer="Yes.", article=slug)
    draft = guest.draft("Tea?")
    draft.question = question.pk
    group = batches.post(draft)["group"]
    answer = rows_of(group)[2]
    assert answer.data.get("article") == named
    browser = guest.browser()
    told = browser.get("/chat/acme/messages/", **JSON).json()["messages"][-1]["data"]
    assert told == (named and {"article": named})
    assert ('class="of-article" href="/help/acme/tea/?lang=en"' in page(guest)) == bool(named)


def test_a_leader_chooses_an_article_of_their_own_enterprise(browser_of, leader, team, written):
    form = {"team": team.pk, "question": "Tea?", "answer": "Yes.", "position": "0"}
    browser = browser_of(leader)
    offered = browser.get("/agent/questions/").content.decode()
    assert '<option value="tea">' in offered and "Secret" not in offered
    assert browser.post("/agent/questions/", form | {"article": "tea"}).status_code == 302
    assert QuickQuestion.objects.get().article == "tea"
    for slug in ("foreign", "gone"):
        answer = browser.post("/agent/questions/", form | {"article": slug})
        assert answer.status_code == 400


def test_an_articles_text_becomes_one_that_a_message_can_show():
    body = "# Tea\n\n![Two cups](files/cups.png)\n## How long ##\n- [more](tea-2)\n- [site](https://a.cn)"
    said = "**Tea**\n\nTwo cups\n**How long**\n- more\n- [site](https://a.cn)"
    assert beside.message_text(body) == said
    table = "| tea | where |\n|---|:--:|\n| green | cold |\n\n---"
    assert beside.message_text(table) == "tea · where\ngreen · cold\n\n---"
    for hostile in (
        "[" * 50_000,
        "![](" * 20_000,
        f"# a{' #' * 49_000}b",
        "[a](b" * 20_000,
        "|-" * 49_000,
    ):
        assert beside.message_text(hostile)


def test_agents_read_all_articles_and_put_public_ones_into_answers(
    browser_of, alice, outsider, written
):
    browser, address = browser_of(alice), "/agent/article/"
    text = TEA | {"text": "**Two** years."}
    assert browser.get(address, {"slug": "tea", "lang": "en"}, **JSON).json() == text
    assert browser.get(address, {"slug": "tea", "lang": "xx"}, **JSON).json() == text
    assert browser.get(address, {"slug": "tea", "lang": "en"})["Location"] == TEA["url"]
    assert browser.get(address, {"slug": "margin"})["Location"] == "/agent/articles/margin/en/"
    for slug in NOT_FOR_VISITORS:
        assert refused(browser.get(address, {"slug": slug}, **JSON)) == (404, "not_found")
        assert slug == "margin" or browser.get(address, {"slug": slug}).status_code == 404
    assert browser_of(outsider).get(address, {"slug": "margin"}).status_code == 404
