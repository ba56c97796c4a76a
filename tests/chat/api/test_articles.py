"""Articles by API: what each scope reads, what is written, and for whom it stays hidden."""

import pytest

from accounts.models import AuditRow
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import Article, ArticleRevision

from .program import bot_of, program_of, refusal

pytestmark = pytest.mark.django_db
MARK = "hushed"
"""In all that is not for everybody."""


@pytest.fixture
def shelf(enterprise, other_enterprise, alice):
    """An article for everybody in both languages, with a draft over one of them; a draft; one for
    colleagues; one of another enterprise."""
    for lang in ("en", "zh-hans"):
        articles.put(enterprise, "tea", lang, Text(f"Tea in {lang}", "Boil water."))
    articles.save(enterprise, "tea", "en", Text(f"{MARK} draft"), alice, 1)
    articles.put(enterprise, "plan", "en", Text(f"{MARK} plan"), "draft")
    articles.put(enterprise, "inside", "en", Text(f"{MARK} rule", "Text.", audience="internal"))
    articles.put(other_enterprise, "tea", "en", Text(f"{MARK} tea of others", "Text."))
    articles.put(other_enterprise, "theirs", "en", Text(f"{MARK} theirs", "Text."))


def all_of(program, **query) -> list[tuple[str, str]]:
    """What all pages list."""
    pages = program.pages("articles/", **query)
    return [(one["slug"], one["lang"]) for page in pages for one in page["articles"]]


def test_drafts_and_what_is_for_colleagues_need_their_scope(shelf, enterprise, team):
    public = [("tea", "en"), ("tea", "zh-hans")]
    for program in (
        program_of(enterprise, "knowledge:read", "knowledge:write"),
        bot_of(team, "knowledge:read"),
    ):
        assert all_of(program, limit=1) == public and all_of(program, lang="en") == public[:1]
        for slug in ("plan", "inside", "theirs", "nothing"):
            for query in ({}, {"lang": "en"}):
                assert refusal(program.get(f"articles/{slug}/", **query)) == (404, "not_found")
        for path in ("articles/", "articles/tea/"):
            assert MARK not in program.get(path).content.decode()
    all_seeing = program_of(enterprise, "knowledge:read", "knowledge:internal")
    assert all_of(all_seeing, limit=3) == [*public, ("plan", "en"), ("inside", "en")]
    told = all_seeing.get("articles/plan/").json()["article"]
    assert (told["title"], told["state"], told["revision"]) == (f"{MARK} plan", "draft", 0)


def test_what_a_token_may_not_read_it_neither_changes_nor_removes(shelf, enterprise):
    program = program_of(enterprise, "knowledge:read", "knowledge:write")
    before = list(Article.objects.values())
    for slug in ("plan", "inside", "theirs"):
        changed = program.patch(f"articles/{slug}/", {"state": "published", "audience": "public"})
        assert refusal(changed) == refusal(program.delete(f"articles/{slug}/"))
        assert refusal(changed) == (404, "not_found")
    assert list(Article.objects.values()) == before


def test_what_a_token_may_not_read_it_does_not_write(shelf, enterprise):
    program = program_of(enterprise, "knowledge:read", "knowledge:write")
    before = list(Article.objects.values())
    for hidden in ({"state": "draft"}, {"audience": "internal"}):
        for slug, title in (("new", "New"), ("plan", f"{MARK} plan"), ("plan", "Guessed")):
            new = {"slug": slug, "lang": "en", "title": title} | hidden
            answer = program.post("articles/", new)
            assert refusal(answer) == (403, "forbidden")
            assert answer.json()["scope"] == "knowledge:internal"
        assert refusal(program.patch("articles/tea/", hidden)) == (403, "forbidden")
    same = {"slug": "inside", "lang": "en", "title": f"{MARK} rule", "body": "Text."}
    assert refusal(program.post("articles/", same)) == (409, "conflict")
    assert list(Article.objects.values()) == before


def test_without_a_language_it_is_the_enterprises_or_the_other(shelf, enterprise, program):
    enterprise.text_language = "zh-hans"
    enterprise.save(update_fields=["text_language"])
    assert program.get("articles/tea/").json()["article"]["lang"] == "zh-hans"
    assert program.get("articles/tea/", lang="en").json()["article"]["lang"] == "en"
    assert program.patch("articles/tea/", {"body": "Hot."}).json()["article"]["lang"] == "zh-hans"
    assert program.get("articles/plan/").json()["article"]["lang"] == "en"


def test_an_article_is_written_changed_withdrawn_and_removed(enterprise, program):
    new = {"slug": "cups", "lang": "en", "title": "Cups", "body": "Small.\r\n", "category": "Tea"}
    first = program.post("articles/", new)
    assert (first.status_code, program.post("articles/", new).status_code) == (201, 200)
    assert first.json()["article"] == {
        **new,
        **{"body": "Small.", "audience": "public", "state": "published", "revision": 1},
        "updated_at": first.json()["article"]["updated_at"],
    }
    other = program.post("articles/", new | {"title": "Mugs"})
    assert refusal(other) == (409, "conflict") and Article.objects.get().title == "Cups"
    changed = program.patch("articles/cups/", {"body": "Large."}).json()["article"]
    assert (changed["title"], changed["body"], changed["revision"]) == ("Cups", "Large.", 2)
    for state in ("draft", "draft", "published"):
        answer = program.patch("articles/cups/", {"state": state}).json()["article"]
        assert (answer["state"], answer["body"], answer["revision"]) == (state, "Large.", 2)
    assert set(ArticleRevision.objects.values_list("member_name", flat=True)) == {"crm@acme"}
    program.post("articles/", new | {"lang": "zh-hans"})
    assert program.delete("articles/cups/?lang=en").status_code == 204
    assert program.delete("articles/cups/").status_code == 204
    assert refusal(program.delete("articles/cups/")) == (404, "not_found")
    told = AuditRow.objects.filter(kind="article", actor=program.member.uuid).order_by("number")
    actions = [row.action for row in told]
    assert actions == ["added", *["changed"] * 3, "added", "deleted", "deleted"]


def test_a_draft_of_a_member_outlasts_a_programs_change(shelf, enterprise, program):
    program.patch("articles/tea/?lang=en", {"title": "Tea by program"})
    assert articles.written(Article.objects.get(title="Tea by program")).title == f"{MARK} draft"


def test_the_longest_article_fits_as_any_library_writes_it(program):
    new = {"slug": "long", "lang": "zh-hans", "title": "长", "body": "茶" * 100_000}
    assert program.post("articles/", new).status_code == 201
    for slug in ("b", "c", "d", "e", "f"):
        program.post("articles/", new | {"slug": slug})
    page = program.get("articles/").json()
    assert len(page["articles"]) == 5 and page["cursor"]
    assert len(program.get("articles/", cursor=page["cursor"]).json()["articles"]) == 1
