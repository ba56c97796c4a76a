"""What is kept of a visitor: they see it, take it along and erase it, and nobody else does."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditRow
from chat.care import personal_data
from chat.knowledge import articles, uses
from chat.knowledge.articles import Text
from chat.models import ArticleUse, Attachment, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Rating
from chat.posting.visitor_actions import VisitorAction
from chat.visitors import cookies
from tests.chat.helpers import (
    JSON,
    PAGE,
    Guest,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    refused,
    rows_of,
)
from tests.chat.signed_visitors import exchange, person_page, signed

pytestmark = pytest.mark.django_db

PRIVACY = "/chat/acme/privacy/"
EXPORT, ERASE = f"{PRIVACY}export/", f"{PRIVACY}erase/"
SURE = {"sure": "1"}


@pytest.fixture
def told(guest, group, alice, bob):
    """The conversation with more in it: an answer, a note, a tag, a rating, facts of the row."""
    batches.post(draft_of(alice, group, "the answer"))
    batches.post(draft_of(bob, group, "a colleague's remark", note=True))
    batches.do(act_of("tag", alice.uuid, group, tag="tiresome"))
    batches.do(act_of("close", alice.uuid, group, reason="done", summary="their secret summary"))
    batches.do(Rating(guest.uuid, group, 4, "quick"))
    Visitor.objects.update(
        contact="w@example.com",
        referrer="https://search.example/",
        path=[{"url": "https://shop.example/<b>", "at": "2026-11-25T00:00:00Z"}],
    )
    return group


def test_a_language_that_nobody_knows_breaks_no_page(visitor, told):
    for code, words in (("zh-hans", "Simplified Chinese"), ("x-<b>", "x-&lt;b&gt;")):
        Visitor.objects.update(language=code)
        assert words in visitor.get(PRIVACY).content.decode()


def test_a_visitor_sees_what_is_kept_and_no_more(visitor, told):
    page = visitor.get(PRIVACY).content.decode()
    for shown in ("w@example.com", "search.example", "shop.example/&lt;b&gt;", "2 messages"):
        assert shown in page
    assert "/chat/acme/transcript/?team=service" in page and "closed" in page
    for hidden in ("remark", "tiresome", "summary"):
        assert hidden not in page
    assert PRIVACY in visitor.get("/chat/acme/").content.decode()


def test_who_wrote_nothing_reads_so_and_gets_no_cookie(enterprise, group, alice):
    browser = Client()
    page = browser.get(PRIVACY)
    assert "nothing about you is stored" in page.content.decode() and ERASE not in str(page.content)
    assert "kefu_visitor_acme" not in page.cookies
    assert browser.get(EXPORT).status_code == 401
    assert refused(browser.post(ERASE, SURE, **JSON)) == (404, "not_found")
    assert browser.get("/chat/nobody/privacy/").status_code == 404


def test_who_only_read_articles_sees_it_takes_it_along_and_erases_it(
    enterprise, other_enterprise, client
):
    token = client.get("/chat/acme/").cookies[cookies.cookie_name(enterprise)].value
    who, _secret = cookies.read_token(token, enterprise)
    uses.searched(other_enterprise, "elsewhere", "en", who)
    assert "nothing about you is stored" in client.get(PRIVACY).content.decode()
    articles.put(enterprise, "tea", "en", Text("Tea", "Boil."))
    seen = client.post("/help/acme/seen/", {"q": "my secret"}, HTTP_ORIGIN="http://testserver")
    assert seen.status_code == 200
    page = client.get(PRIVACY).content.decode()
    assert "nothing about you is stored" not in page and "words that you searched" in page
    taken = json.loads(client.get(EXPORT).content)
    assert [one["words"] for one in taken["articles"]] == ["my secret"] and taken["visitor"] == who
    assert client.post(ERASE, {}).status_code == 400
    assert client.post(ERASE, SURE).url == f"{PRIVACY}?erased=1"
    row = ArticleUse.objects.get(enterprise=enterprise)
    assert (row.kind, row.words, row.reader) == ("searched", "", "")
    assert ArticleUse.objects.get(enterprise=other_enterprise).reader == who
    assert list(AuditRow.objects.filter(visitor=who).values_list("action", "source")) == [
        ("exported", "visitor-export"),
        ("erased", "visitor-erase"),
    ]
    assert "has been erased" in client.get(f"{PRIVACY}?erased=1").content.decode()
    assert refused(client.post(ERASE, SURE, **JSON)) == (404, "not_found")


def test_all_of_it_is_taken_along_as_json(visitor, guest, told, alice, sales):
    batches.post(Guest(guest.enterprise, sales, guest.token).draft("to sales"))
    for words, who in (("hot tea", guest.uuid), ("of somebody else", "x" * 32)):
        use = {"enterprise": guest.enterprise, "kind": "searched", "words": words}
        ArticleUse.objects.create(reader=who, **use)
    answer = visitor.get(EXPORT)
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-')
    held = json.loads(answer.content)
    assert (held["enterprise"], held["contact"]) == ("Acme", "w@example.com")
    assert [one["words"] for one in held["articles"]] == ["hot tea"]
    assert held["path"][0]["url"] == "https://shop.example/<b>"
    texts = [[m["content"] for m in talk["messages"]] for talk in held["conversations"]]
    assert "to sales" in texts[0] and {"first", "the answer"} <= set(texts[1])
    assert held["conversations"][1]["receptions"][0]["comment"] == "quick"
    text = answer.content.decode()
    for hidden in ("remark", "tiresome", "summary", "secret_hash"):
        assert hidden not in text
    stored = Visitor.objects.get()
    kept = {field.name for field in Visitor._meta.concrete_fields}
    own = {"id", "ent_id", "secret_hash", "identity_key", "blocked_until", "block_reason"}
    assert kept - own - {"uuid", "label", "blocked_by", "email_key"} <= set(held), (
        "a new column is told, too"
    )
    assert held["visitor"] == stored.uuid and held["name"] == stored.label


def test_a_long_conversation_is_taken_along_whole(visitor, guest, group, alice, monkeypatch):
    monkeypatch.setattr(personal_data, "PAGE", 7)
    for number in range(30):
        batches.post(guest.draft(f"{number}"))
    held = json.loads(visitor.get(EXPORT).content)["conversations"][0]["messages"]
    assert [m["content"] for m in held if m["kind"] == "message"] == ["first", *map(str, range(30))]


def test_nobody_else_gets_any_of_it(visitor, told, other_guest, outsider, agent, alice):
    for browser in (Client(), new_guest(alice.teams.get()).browser(), other_guest.browser(), agent):
        assert "w@example.com" not in browser.get(PRIVACY).content.decode()
        assert browser.get(EXPORT).status_code in (401, 404)
        assert browser.post(ERASE, SURE, **JSON).status_code == 404
    assert not Visitor.objects.get().is_erased
    elsewhere = Client()
    elsewhere.cookies["kefu_visitor_umbrella"] = visitor.cookies["kefu_visitor_acme"].value
    assert elsewhere.get("/chat/umbrella/privacy/export/").status_code == 401


def test_erasing_takes_all_of_it_and_the_agents_see_who_did_it(
    visitor, guest, told, agent, django_capture_on_commit_callbacks
):
    upload = SimpleUploadedFile("a.txt", b"text of a file", "text/plain")
    visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    with django_capture_on_commit_callbacks(execute=True):
        answer = visitor.post(ERASE + "?embed=1", SURE, **PAGE)
    assert answer.status_code == 302
    after = visitor.get(answer["Location"]).content.decode()
    assert "Your data has been erased" in after and "w@example.com" not in after
    assert "You have not written" not in after
    row = Visitor.objects.get()
    assert row.is_erased and row.contact == "" and not Attachment.objects.exists()
    contents = [row.message_content for row in GroupMessage.objects.all()]
    assert "first" not in contents and "the answer" not in contents
    last = rows_of(told)[-1]
    assert last.data == {"event": "erasure", "by": guest.uuid, "by_name": "", "why": "visitor"}
    assert "The visitor erased the messages here" in agent.get(agent.page).content.decode()
    assert visitor.get(EXPORT).status_code == 401
    check_ledger()


def test_nothing_is_erased_without_a_yes_or_by_a_forged_form(visitor, told, guest):
    answer = visitor.post(ERASE, {}, **PAGE)
    assert answer.status_code == 400 and "the box was not ticked" in answer.content.decode()
    assert refused(visitor.post(ERASE, {"sure": "0"}, **JSON)) == (400, "bad_field")
    strict = guest.browser(enforce_csrf_checks=True)
    assert strict.post(ERASE, SURE).status_code == 403
    assert visitor.get(ERASE).status_code == 405
    assert not Visitor.objects.get().is_erased


def test_who_is_blocked_sees_it_and_takes_it_along_but_is_not_let_in_by_erasing(
    visitor, told, alice, guest
):
    batches.do(VisitorAction("block", alice.uuid, told, minutes=60, reason="insults"))
    page = visitor.get(PRIVACY).content.decode()
    assert "w@example.com" in page and "insults" not in page
    assert "can erase your data" in page and ERASE not in page
    export = visitor.get(EXPORT).content.decode()
    assert json.loads(export)["blocked"] is True and "insults" not in export
    assert refused(visitor.post(ERASE, SURE, **JSON)) == (403, "closed_out")
    assert "can erase your data" in visitor.post(ERASE, SURE, **PAGE).content.decode()
    assert not Visitor.objects.get().is_erased


def test_one_who_is_signed_in_erases_it_for_all_browsers_and_is_somebody_new(enterprise, alice):
    phone, desktop = Client(), Client()
    for browser in (phone, desktop):
        exchange(browser, signed(enterprise, "7", name="Wang"))
        browser.post("/chat/acme/messages/", {"content": "mine"}, **JSON)
    assert "Wang · 7" in phone.get(PRIVACY).content.decode()
    before = person_page(phone)
    assert phone.post(ERASE, SURE, **JSON).status_code == 200
    assert desktop.get(EXPORT).status_code == 401
    exchange(phone, signed(enterprise, "7", name="Wang"))
    assert person_page(phone) != before
    assert phone.get(EXPORT).status_code == 404, "nothing is kept of them yet"


def test_a_closed_enterprise_shows_no_page(visitor, told, enterprise):
    enterprise.status = 1
    enterprise.save()
    for answer in (visitor.get(PRIVACY), visitor.get(EXPORT), visitor.post(ERASE, SURE)):
        assert answer.status_code == 403
    assert not Visitor.objects.get().is_erased


def test_the_page_stands_in_the_widget_as_the_chat_does(visitor, told, enterprise):
    enterprise.sites = "https://shop.example"
    enterprise.save()
    query = "?embed=1&host=https://shop.example&lang=zh-hans"
    page = visitor.get(PRIVACY + query)
    assert "https://shop.example" in page["Content-Security-Policy"]
    assert "embed=1&amp;lang=zh-hans" in page.content.decode()
    alone = visitor.get("/chat/acme/privacy/")
    assert "frame-ancestors 'self' https://shop.example" in alone["Content-Security-Policy"]
