"""Where articles are written: who may what, and nothing written is lost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import hours
from accounts.models import AuditRow
from chat.knowledge import articles, differences, timed
from chat.knowledge.articles import Text
from chat.models import Article, ArticleRevision
from chat.protocol.errors import Refused
from tests.chat.helpers import JSON
from tests.chat.sample_files import picture, upload

pytestmark = pytest.mark.django_db
LIST, NEW = "/agent/articles/", "/agent/articles/new/"
TEA = "/agent/articles/tea/en/"
WRITTEN = {"title": "Tea", "body": "Boil water.", "lang": "en"}


@pytest.fixture
def tea(enterprise):
    articles.put(enterprise, "tea", "en", Text("Tea", "Boil water.", "Kitchen"))
    return Article.objects.get()


def row() -> Article:
    return Article.objects.get()


def row_of(slug) -> Article:
    return Article.objects.get(slug=slug, enterprise__code="acme")


def send(browser, action, version=1, place=TEA, **fields):
    return browser.post(place, {**WRITTEN, "action": action, "version": version, **fields})


def test_an_agent_writes_a_draft_and_a_leader_publishes_it(browser_of, alice, leader):
    answer = browser_of(alice).post(NEW, WRITTEN | {"title": "How do I brew tea?"}, follow=True)
    assert answer.redirect_chain == [("/agent/articles/how-do-i-brew-tea/en/", 302)]
    assert (row().state, row().saved_by) == ("draft", alice)
    place = answer.redirect_chain[0][0]
    for action in ("publish", "withdraw", "schedule", "unschedule", "remove"):
        assert send(browser_of(alice), action, place=place).status_code == 403
    assert row().state == "draft" and b'value="publish"' not in answer.content
    send(browser_of(leader), "publish", place=place, body="Boil less.")
    assert (row().state, row().body, row().revision) == ("published", "Boil less.", 1)
    assert AuditRow.objects.filter(kind="article", actor=leader.uuid).exists()


@pytest.mark.parametrize("who", ["outsider", "bot", "analyst"])
def test_others_neither_see_nor_change_it(browser_of, tea, who, request):
    browser = browser_of(request.getfixturevalue(who))
    for place in (LIST, TEA, f"{TEA}history/", f"/admin{TEA[6:]}"):
        answer = browser.get(place)
        assert answer.status_code in (200, 302, 403, 404) and b"Boil" not in answer.content
        assert answer.status_code != 200 or place == LIST
    for action in ("save", "publish", "discard", "restore", "remove"):
        assert send(browser, action, number=1).status_code in (302, 403, 404)
    assert (row().version, row().state) == (tea.version, "published")


def test_a_title_alone_is_a_draft_and_is_not_published(browser_of, manager):
    browser = browser_of(manager)
    browser.post(NEW, WRITTEN | {"body": ""})
    answer = send(browser, "publish", body=" ")
    assert answer.status_code == 400 and "there is only a title" in answer.content.decode()
    assert (row().state, row().version) == ("draft", 1)


def test_the_administration_has_it_for_those_who_publish(browser_of, tea, manager):
    page = browser_of(manager).get("/admin/articles/").content.decode()
    assert "/admin/articles/tea/en/" in page and 'id="tasks"' in page
    answer = send(browser_of(manager), "publish", place="/admin/articles/tea/en/", body="Pour.")
    assert answer["Location"] == "/admin/articles/tea/en/" and row().body == "Pour."


def test_an_article_that_is_begun_is_stored_by_the_first_save(browser_of, alice, analyst):
    begun = {"title": "How long?", "body": "Two years.", "lang": "en", "action": "begin"}
    page = browser_of(alice).post(NEW, begun)
    assert page.status_code == 200 and not Article.objects.exists()
    shown = page.content.decode()
    assert 'value="How long?"' in shown and "Two years.</textarea>" in shown
    assert 'name="version" value="0"' in shown and "data-unsaved" in shown
    assert browser_of(analyst).post(NEW, begun).status_code == 403
    browser_of(alice).post(page.context["action"], begun | {"action": "save"})
    assert row().slug == "how-long"


def test_a_proposal_is_shown_in_the_editor_and_not_stored(manager, client):
    client.force_login(manager)
    articles.put(manager.enterprise, "lid", "en", Text("Broken lids", "Send a photo."))
    form = {"action": "begin", "title": "Cups", "lang": "en", "body": "Cups <b>too</b>."}
    shown = client.post("/admin/articles/new/", form).content.decode()
    assert 'value="Cups"' in shown and "Cups &lt;b&gt;too&lt;/b&gt;." in shown
    shown = client.post("/admin/articles/lid/en/", form).content.decode()
    assert 'value="Broken lids"' in shown and "Send a photo.\n\nCups &lt;b&gt;" in shown
    row = Article.objects.get()
    assert (row.body, row.draft) == ("Send a photo.", None)


def test_of_two_who_write_at_once_nothing_is_lost(browser_of, tea, alice, manager):
    assert send(browser_of(manager), "save", body="Pour milk.").status_code == 302
    answer = browser_of(alice).post(TEA, {**WRITTEN, "body": "Add sugar.", "version": 1}, **JSON)
    assert (answer.status_code, answer.json()["error"]) == (409, "stale")
    assert answer.json()["by"] == manager.name
    page = send(browser_of(alice), "save", body="Add sugar.")
    shown = page.content.decode()
    assert page.status_code == 409
    assert "Add sugar.</textarea>" in shown and "milk" in shown and manager.display_name in shown
    assert articles.written(row()).body == "Pour milk."
    send(browser_of(manager), "save", body="Pour milk.\nStir.", version=row().version)
    page = send(browser_of(alice), "save", body="Pour milk.\r\nWait.")
    assert next(line.kind for line in page.context["lines"]) == "same", "a browser sends CRLF"
    send(browser_of(alice), "save", body="Add sugar.", version=page.context["version"])
    assert articles.written(row()).body == "Add sugar." and row().body == "Boil water."


def test_a_publish_that_races_an_edit_publishes_nothing(browser_of, tea, alice, manager):
    send(browser_of(alice), "save", body="Add sugar.")
    assert send(browser_of(manager), "publish").status_code == 409
    assert row().body == "Boil water." and articles.written(row()).body == "Add sugar."


def test_what_is_due_is_published_unless_somebody_else_has_changed_it(
    browser_of, tea, alice, manager
):
    later = timezone.now() + timedelta(days=1)
    at = later.astimezone(hours.zone_named(tea.enterprise.zone)).strftime("%Y-%m-%dT%H:%M")
    send(browser_of(manager), "schedule", body="Pour.", at="2020-01-01T10:00")
    assert row().draft is None, "a time that has passed"
    send(browser_of(manager), "schedule", body="Pour.", at=at)
    send(browser_of(manager), "save", version=row().version, body="Pour milk.")
    assert abs(row().publish_at - later) < timedelta(minutes=1)
    assert timed.publish_due(later + timedelta(1)) == 1 and row().body == "Pour milk."
    send(browser_of(manager), "withdraw", version=row().version)
    send(browser_of(manager), "schedule", version=row().version, body="Stir.", at=at)
    send(browser_of(manager), "save", version=row().version, body="Stir it.")
    assert row().publish_at is not None, "a draft, too"
    send(browser_of(alice), "save", version=row().version, body="Agents publish nothing.")
    assert timed.publish_due(later + timedelta(1)) == 0 and row().state == "draft"


def test_a_former_text_becomes_the_draft_and_a_draft_is_discarded(browser_of, tea, manager):
    browser = browser_of(manager)
    send(browser, "publish", body="Pour milk.")
    shown = browser.get(f"{TEA}history/").content.decode()
    assert "<mark>Boil</mark>" in shown and "<mark>milk</mark>" in shown
    send(browser, "restore", version=row().version, number=1)
    assert row().body == "Pour milk." and articles.written(row()).body == "Boil water."
    send(browser, "discard", version=row().version)
    assert row().draft is None and ArticleRevision.objects.count() == 2
    assert send(browser, "restore", version=row().version, number=9).status_code == 404


def test_an_address_is_free_until_it_is_published(browser_of, tea, alice, manager):
    browser = browser_of(alice)
    page = send(browser, "save", slug="coffee")
    assert page.status_code == 400 and row().slug == "tea"
    for slug in ("tea", "search", "a/b", "Tea", "\x00", "x" * 81):
        assert browser.post(NEW, WRITTEN | {"slug": slug}).status_code == 400, slug
    assert Article.objects.count() == 1
    browser.post(NEW, WRITTEN | {"title": "茶"})
    place = "/agent/articles/article/en/"
    assert send(browser, "save", place=place, slug="cha")["Location"] == "/agent/articles/cha/en/"
    assert browser.get(place).status_code == 404


@pytest.mark.parametrize("languages", [("en",), ("en", "zh-hans")])
def test_what_is_written_of_a_removed_article_becomes_a_new_one(
    browser_of, enterprise, tea, alice, manager, languages
):
    for lang in languages[1:]:
        articles.put(enterprise, "tea", lang, Text("茶", "煮水。"))
    send(browser_of(manager), "remove")
    browser = browser_of(alice)
    answer = browser.post(TEA, {**WRITTEN, "body": "Add sugar.", "version": 1}, **JSON)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    page = send(browser, "save", body="Add sugar.", slug="tea")
    shown, sent = page.content.decode(), page.context
    assert page.status_code == 404 and "Add sugar.</textarea>" in shown
    assert "This article was deleted" in shown and 'name="version" value="0"' in shown
    assert Article.objects.count() == len(languages) - 1
    assert all("/new/" in href for _tab, href in sent["tabs"]) == (len(languages) == 1)
    send(browser, "save", version=sent["version"], place=sent["action"], body="Add sugar.")
    assert Article.objects.get(slug="tea", lang="en").body == "Add sugar."


def test_a_removed_article_may_become_a_new_one_elsewhere(browser_of, enterprise, alice, tea):
    articles.put(enterprise, "milk", "en", Text("Milk", "Warm it."))
    tea.delete()
    browser = browser_of(alice)
    page = send(browser, "save", slug="coffee")
    assert page.status_code == 404
    known = {"version": page.context["version"], "place": page.context["action"]}
    taken = send(browser, "save", slug="milk", **known)
    assert taken.status_code == 400 and b"Another article has this address" in taken.content
    assert row().body == "Warm it."
    assert send(browser, "save", slug="coffee", **known).status_code == 302
    assert row_of("coffee").body == "Boil water."


def test_links_that_lead_nowhere_are_named_and_refuse_nothing(
    browser_of, enterprise, other_enterprise, tea, manager
):
    articles.put(enterprise, "draft", "en", Text("Draft", "Text."), "draft")
    articles.put(enterprise, "inside", "en", Text("Inside", "Text.", audience="internal"))
    articles.put(enterprise, "cha", "zh-hans", Text("茶", "煮水。"))
    articles.put(other_enterprise, "theirs", "en", Text("Theirs", "Text."))
    slugs = ("cha", "tea", "inside", "draft", "theirs", "no", "no")
    body = "".join(f"[x]({slug}) " for slug in slugs) + "[x](#top) [x](https://example.com/no)"
    browser = browser_of(manager)
    for audience, lost in (
        ("public", "inside, draft, theirs, no"),
        ("internal", "draft, theirs, no"),
    ):
        sent = {"title": "Tea", "body": body, "slug": "tea", "audience": audience}
        page = browser.post("/agent/articles/preview/", sent)
        assert f"there: {lost}<" in page.content.decode()
    page = browser.post(
        TEA, WRITTEN | {"action": "publish", "version": 1, "body": body}, follow=True
    )
    assert page.content.decode().count("there: inside, draft, theirs, no<") == 2
    assert row_of("tea").body == body


def test_a_picture_is_stored_and_shown(browser_of, enterprise, alice):
    browser, place = browser_of(alice), "/agent/articles/pictures/"
    answer = browser.post(place, {"file": upload("tea.png", picture())}, **JSON)
    body = f"![a pot]({answer.json()['source']})"
    shown = browser.post("/agent/articles/preview/", {"title": "Tea", "body": body})
    assert b'<img src="/help/acme/files/' in shown.content
    for wrong in (upload("tea.png", b"no picture"), ""):
        assert browser.post(place, {"file": wrong}, **JSON).status_code in (400, 415)


def test_hostile_words_stay_words(browser_of, alice):
    hostile = "</textarea><script>alert(1)</script>{{ 7|add:7 }}"
    answer = browser_of(alice).post(NEW, WRITTEN | {"title": hostile, "body": hostile}, follow=True)
    for place in (answer.redirect_chain[0][0], LIST, f"{answer.redirect_chain[0][0]}history/"):
        page = browser_of(alice).get(place).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    again = browser_of(alice).post(NEW, WRITTEN | {"title": "x" * 201})
    assert again.status_code == 400 and "Boil water.</textarea>" in again.content.decode()


def test_who_publishes_deletes_a_text_from_the_list_unless_it_was_changed(
    browser_of, tea, alice, manager
):
    assert b'value="remove"' not in browser_of(alice).get(LIST).content
    browser = browser_of(manager)
    shown = browser.get(LIST).content.decode()
    assert f'action="{TEA}"' in shown and 'name="version" value="1"' in shown
    send(browser_of(alice), "save", body="Add sugar.")
    assert browser.post(TEA, {"action": "remove", "version": 1}).status_code == 409
    answer = browser.post(TEA, {"action": "remove", "version": 2})
    assert answer["Location"] == LIST and not Article.objects.exists()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["plan", "tea"]),
        ("q=TEA", ["tea"]),
        ("state=published", ["tea"]),
        ("state=draft", ["plan"]),
        ("state=changed", []),
        ("state=missing", ["plan"]),
        ("state=missing&lang=zh-hans", ["plan"]),
        ("lang=zh-hans", ["tea"]),
        ("category=Kitchen", ["tea"]),
        ("audience=internal", ["plan"]),
        ("state=nonsense", []),
        ("page=9", []),
        ("q=%25&page=0", []),
    ],
)
def test_the_list_finds(browser_of, enterprise, tea, alice, query, found):
    articles.put(enterprise, "tea", "zh-hans", Text("茶", "Text.", category="厨房"))
    articles.put(enterprise, "plan", "en", Text("Plan", audience="internal"), "draft")
    page = browser_of(alice).get(f"{LIST}?{query}")
    assert [one.shown.slug for one in page.context["lines"]] == found


def test_a_text_is_behind_one_that_was_changed_on_a_later_day(browser_of, enterprise, tea, alice):
    articles.put(enterprise, "tea", "zh-hans", Text("茶", "Text."))
    assert b"was changed after this one" not in browser_of(alice).get(TEA).content
    Article.objects.filter(lang="en").update(saved_at=timezone.now() - timedelta(days=2))
    assert b"was changed after this one" in browser_of(alice).get(TEA).content
    assert browser_of(alice).get("/agent/articles/tea/fr/").status_code == 404
    known = json.loads(browser_of(alice).get(TEA, **JSON).content)
    assert known["version"] == 1 and known["address"] == TEA


def test_the_text_in_the_other_language_stands_beside(browser_of, enterprise, tea, alice):
    place = "/agent/articles/tea/zh-hans/"
    assert "Boil water.</pre>" in browser_of(alice).get(place).content.decode()
    articles.save(enterprise, "tea", "en", Text("Tea", "<b>Pour."), alice, 1)
    assert "&lt;b&gt;Pour.</pre>" in browser_of(alice).get(place).content.decode(), (
        "as written last"
    )
    assert b"other-text" not in browser_of(alice).get(TEA).content


def test_a_translation_begins_in_the_category_as_its_language_names_it(
    browser_of, enterprise, tea, alice
):
    articles.put(enterprise, "milk", "en", Text("Milk", "Warm it.", "Kitchen"))
    for category in ("Kitchen", "厨房"):
        fields = browser_of(alice).get("/agent/articles/tea/zh-hans/").context["fields"]
        assert fields["category"] == category
        articles.put(enterprise, "milk", "zh-hans", Text("奶", "加热。", "厨房"))


def test_differences_are_shown_by_lines_and_words():
    same = "\n".join(str(n) for n in range(10))
    lines = differences.differences(f"{same}\n一二三 cup", f"{same}\n一四三 cup\nnew")
    assert [line.kind for line in lines] == ["left", "same", "same", "removed", "added", "added"]
    assert lines[0].count == 8
    assert lines[4].parts == (("一", False), ("四", True), ("三 cup", False))
    assert differences.differences(same, same) == []
    assert len(differences.differences("a\n" * 50_000, "b\n" * 50_000)) == 100_002


def test_nobody_renames_what_others_may_have_read(enterprise, tea):
    with pytest.raises(Refused):
        articles.rename(enterprise, "tea", "coffee")
