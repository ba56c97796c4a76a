"""The help centre: what everybody reads, what nobody does, and what is counted of its readers."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import Enterprise
from chat.knowledge import articles, centre
from chat.knowledge.articles import Text
from chat.limits import Buckets, limits
from chat.models import Article, ArticleUse
from chat.presence import leases
from chat.rates import Rate
from chat.views.visitors import help_pages
from tests.chat.helpers import JSON, ORIGIN

pytestmark = pytest.mark.django_db

HOME = "/help/acme/"
POSTED = {"headers": {"Origin": ORIGIN, **JSON["headers"]}}
FOUND = f"{HOME}search/?q=secret"
GET_ADDRESSES = ("", "?q=secret", "?lang=zh-hans", "?category=Brewing", "tea/", "plan/", "inside/")
GET_ADDRESSES += ("sitemap.xml", "tea/?lang=zh-hans", "search/?q=secret", "search/?q=tea&lang=en")


@pytest.fixture
def put(enterprise, other_enterprise):
    def put(slug, title, body="Text.", lang="en", of=enterprise, state="published", **options):
        articles.put(of, slug, lang, Text(title, body, **options), state)

    return put


@pytest.fixture
def tea(put):
    put("tea", "Tea <secret>", "## Boil water\nThen wait.", category="Brewing")
    return Article.objects.get()


def text_of(path: str, **headers: str) -> str:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_nothing_private_is_in_any_page(tea, put, alice, other_enterprise):
    put("plan", "secret MARK", "MARK", state="draft", category="MARK")
    put("inside", "secret MARK", "MARK", audience="internal", category="MARK")
    put("tea", "secret MARK", "MARK", lang="zh-hans", state="draft", category="MARK")
    put("theirs", "secret MARK", "MARK", of=other_enterprise, category="MARK")
    put("gone", "secret MARK", "MARK", category="MARK")
    assert "MARK" in text_of(HOME)
    put("gone", "secret MARK", "MARK", state="draft", category="MARK")
    draft = Text("secret MARK", "MARK", "MARK")
    articles.save(tea.enterprise, "tea", "en", draft, alice, tea.version)
    for path in GET_ADDRESSES:
        answer = Client().get(HOME + path)
        assert b"MARK" not in answer.content, path
        assert answer.status_code == (404 if path in ("plan/", "inside/") else 200), path
    for slug in ("plan", "inside", "theirs", "gone", "nothing", "TEA"):
        assert Client().get(f"{HOME}{slug}/").status_code == 404, slug
        for place in ("seen", "helpful"):
            fields = {"slug": slug, "lang": "en", "helpful": "1"}
            assert Client().post(f"{HOME}{place}/", fields, **POSTED).status_code == 404, slug
    assert not ArticleUse.objects.exists()


@pytest.mark.parametrize("state", ["no text", "closed", "unknown"])
def test_there_is_no_help_centre_without_a_public_text_or_an_open_enterprise(put, tea, state):
    if state == "no text":
        put("tea", "Tea", state="draft")
        put("inside", "Inside", audience="internal")
    elif state == "closed":
        Enterprise.objects.filter(code="acme").update(status=Enterprise.Status.CLOSED)
    home = HOME.replace("acme", "nobody") if state == "unknown" else HOME
    for path in GET_ADDRESSES:
        answer = Client().get(home + path)
        assert answer.status_code == 404 and b"Acme" not in answer.content, path
    fields = {"slug": "tea", "lang": "en", "q": "x", "helpful": "1"}
    for place in ("seen", "helpful"):
        assert Client().post(f"{home}{place}/", fields, **POSTED).status_code == 404
    assert not ArticleUse.objects.exists()


def test_where_there_is_none_programs_get_the_error_object(enterprise):
    for answer in (
        Client().get(f"{HOME}search/?q=tea"),
        *(Client().get(HOME + path, **JSON) for path in ("", "tea/")),
        *(Client().post(f"{HOME}{place}/", {}, **POSTED) for place in ("seen", "helpful")),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert Client().get(HOME)["Content-Type"].startswith("text/html")


def test_pages_are_the_same_for_everybody_set_no_cookie_and_count_nothing(tea, visitor, alice):
    visitor.get("/chat/acme/")
    visitor.cookies.load({"theme": "dark", "django_language": "zh-hans"})
    visitor.force_login(alice, backend="accounts.backends.MemberBackend")
    for path in GET_ADDRESSES:
        plain, known = Client().get(HOME + path), visitor.get(HOME + path)
        assert plain.content == known.content, path
        assert not plain.cookies and not known.cookies, path
        assert "Cookie" not in known["Vary"] and "Accept-Language" in known["Vary"]
        if known.status_code == 200:
            assert known["Cache-Control"] == "public, max-age=60"
            again = Client().get(HOME + path, headers={"If-None-Match": known["ETag"]})
            assert again.status_code == 304, path
    assert not ArticleUse.objects.exists()


def test_a_category_has_its_own_name_in_each_language(tea, put):
    put("tea", "茶", "先烧水。", lang="zh-hans", category="冲泡")
    put("cup", "Cup", "Clay.", category="Brewing")
    for lang, slug in (("en", "tea/"), ("zh-hans", "cup/")):
        page = text_of(f"{HOME}?category=Brewing&lang={lang}")
        menu = re.findall(r'<li><a href="([^"]+)" lang="([^"]+)"\s+hreflang', page)
        assert [lang for _href, lang in menu] == list(articles.LANGUAGES)
        assert all(slug in text_of(unescape(href)) for href, _lang in menu), menu


def test_an_article_is_shown_in_the_wanted_language_or_says_that_it_is_not(tea, put):
    page = text_of(f"{HOME}tea/", **{"Accept-Language": "zh-CN"})
    assert '<html lang="zh-hans"' in page and '<h1 lang="en"' in page and "notice-bar" in page
    assert f'canonical" href="{ORIGIN}{HOME}tea/?lang=en"' in page and "hreflang" in page
    put("tea", "茶", "先烧水。", lang="zh-hans")
    page = text_of(f"{HOME}tea/?lang=zh-hans")
    assert "先烧水。" in page and "notice-bar" not in page
    assert "Tea" in text_of(f"{HOME}tea/?lang=xx") and "茶" not in text_of(f"{HOME}?lang=en")
    assert "茶" in text_of(f"{HOME}?lang=zh-hans")


def test_what_is_written_is_text(tea, put):
    put("two", "<u>&\"'", "<script>alert(1)</script>", category="<i>&lang=x")
    for path in ("", "two/", "?category=%3Ci%3E%26lang%3Dx", "?q=%3Cu%3E", "tea/"):
        page = text_of(HOME + path)
        assert "<script>alert" not in page and "<i>&" not in page and "<u>" not in page
    assert escape("<i>&lang=x") in text_of(f"{HOME}two/")


@pytest.mark.django_db(transaction=True)  # MariaDB finds only what is committed.
def test_search_answers_what_the_contract_says(tea, put):
    put("tea", "茶", lang="zh-hans")
    (found,) = Client().get(FOUND).json()["results"]
    assert found.pop("snippet").startswith("Boil water")
    url = f"{HOME}tea/?lang=en"
    assert found == {"slug": "tea", "lang": "en", "title": "Tea <secret>", "url": url}
    assert Client().get(f"{FOUND}&lang=zh-hans").json() == {"results": []}
    assert Client().get(f"{HOME}search/").json() == {"results": []}
    for wrong in ("&limit=0", "&limit=x", "&lang=xx", "&limit=%00"):
        answer = Client().get(FOUND + wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_field"), wrong
    for words in ("%00", "x" * 7000, '"', "*", "%F0%9F%8D%B5", "%FF", "NEAR(a b)"):
        assert Client().get(f"{HOME}search/?q={words}").status_code == 200, words
        assert Client().get(f"{HOME}?q={words}").status_code == 200, words


@pytest.mark.parametrize(("lang", "words"), [("en", "1 article"), ("zh-hans", "1 篇文章")])
def test_a_search_that_finds_one_article_says_so(tea, lang, words):
    assert f'data-found-one="{words}"' in text_of(f"{HOME}?lang={lang}")


def test_readers_are_counted_and_one_vote_each(tea, guest):
    strange, known = Client(), guest.browser()
    for browser in (strange, known):
        browser.post(f"{HOME}seen/", {"q": "hot tea", "lang": "en"}, **POSTED)
        browser.post(f"{HOME}seen/", {"slug": "tea", "lang": "en", "q": "hot"}, **POSTED)
        for vote in "01":
            fields = {"slug": "tea", "lang": "en", "helpful": vote}
            answer = browser.post(f"{HOME}helpful/", fields, headers={"Origin": ORIGIN})
            assert answer["Location"] == f"{HOME}tea/?thanks=1&lang=en#helpful"
    rows = ArticleUse.objects.order_by("pk").values_list("kind", "words", "article")
    once = [("searched", "hot tea", None), ("opened", "hot", tea.pk), ("helpful", "", tea.pk)]
    assert list(rows) == once * 2
    readers = set(ArticleUse.objects.values_list("reader", flat=True))
    assert len(readers) == 2 and guest.uuid in readers


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", f"{ORIGIN}:81", "x"])
def test_other_sites_post_nothing(tea, origin):
    headers = {"Origin": origin} if origin else {}
    for place in ("seen", "helpful"):
        fields = {"slug": "tea", "lang": "en", "helpful": "1"}
        assert Client().post(f"{HOME}{place}/", fields, headers=headers).status_code == 403
    assert not ArticleUse.objects.exists()


def test_wrong_fields_and_too_many_posts_are_refused(tea, stopped):
    for place, fields in (
        ("seen", {}),
        ("seen", {"q": "a\x00b"}),
        ("helpful", {"slug": "tea", "lang": "en", "helpful": "2"}),
    ):
        answer = Client().post(f"{HOME}{place}/", fields, **POSTED)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_field"), fields
    for place in ("seen", "helpful"):
        limits.buckets[place]["address"] = Buckets(Rate(1, 0.01))
        fields = {"slug": "tea", "lang": "en", "helpful": "1"}
        codes = [Client().post(f"{HOME}{place}/", fields, **POSTED).status_code for _ in "12"]
        assert codes == [200, 429]
    limits.buckets["look_up"]["address"] = Buckets(Rate(2, 0.01))
    codes = [Client().get(path).status_code for path in (FOUND, f"{HOME}?q=x", FOUND, HOME)]
    assert codes == [200, 200, 429, 200]


def test_the_first_page_says_who_is_there_and_what_is_read(tea, put, team, alice):
    put("cup", "Cup", category="Cups")
    leases.renew([alice.uuid])
    help_pages.home_page.cache_clear()
    page = text_of(HOME)
    assert "New and updated" in page and "小艾" in page and "1 agent online" in page
    for _ in "12":
        Client().post(f"{HOME}seen/", {"slug": "cup", "lang": "en"}, **POSTED)
    Client().post(f"{HOME}seen/", {"slug": "tea", "lang": "en"}, **POSTED)
    help_pages.home_page.cache_clear()
    page = text_of(HOME)
    assert 0 < page.index("Read most this week") < page.index(">Cup<") < page.index(">Tea &lt;")


def test_many_texts_are_not_counted_for_each_page(put, enterprise, monkeypatch):
    monkeypatch.setattr(centre, "COUNTED_EACH_TIME", 1)
    monkeypatch.setattr(centre, "STAMP_KEPT", 1e9)
    monkeypatch.setattr(centre, "stamps", {})
    for slug in ("tea", "cup"):
        put(slug, "Tea")
    kept = centre.stamp(enterprise)
    put("pot", "Pot")
    assert centre.stamp(enterprise) == kept
    monkeypatch.setattr(centre, "STAMP_KEPT", 0)
    assert centre.stamp(enterprise)[0] == 3


def test_the_words_of_a_search_come_along_into_the_chat_until_it_has_begun(team, visitor):
    page = "/chat/acme/?q=%3Cb%3Ehot+tea"
    assert "&lt;b&gt;hot tea</textarea>" in visitor.get(page).content.decode()
    visitor.post(visitor.place, {"content": "hello"})
    assert "hot tea" not in visitor.get(page).content.decode().partition("<textarea")[2]
