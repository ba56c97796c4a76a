"""Legal holds: what they keep stays through erasure, age, recall, joining and what colleagues write
over, until they are lifted."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from accounts import audit, setup
from accounts.models import AuditRow
from chat.care import retention
from chat.models import Attachment, Conversation, GroupMessage, LegalHold, Origin, Visitor
from chat.posting import batches
from chat.posting.actions import Edit, Recall
from chat.posting.visitor_actions import VisitorAction
from chat.protocol import contacts
from chat.protocol.errors import Refused
from tests.chat.helpers import JSON, Guest, act_of, check_ledger, draft_of, rows_of
from tests.chat.signed_visitors import exchange, sign_in, signed

pytestmark = pytest.mark.django_db
ERASE = {"action": "erase", "sure": "1"}


def hold(member, group: str, whole=False, reason="case 7") -> LegalHold:
    batches.do(VisitorAction("hold", member.uuid, group, reason=reason, whole=whole))
    return LegalHold.objects.latest("pk")


def lift(member, group: str, row: LegalHold) -> None:
    batches.do(VisitorAction("lift", member.uuid, group, hold=row.pk))


def age(days: int) -> None:
    ago = timedelta(days=days)
    GroupMessage.objects.update(created_at=F("created_at") - ago)
    Conversation.objects.update(last_activity=F("last_activity") - ago)


def said(group: str) -> list[str]:
    return [row.message_content for row in rows_of(group) if row.message_content]


def close(member, group: str) -> None:
    batches.do(act_of("close", member.uuid, group))


@pytest.fixture
def month(enterprise):
    enterprise.retention_days = 30
    enterprise.save()


@pytest.mark.parametrize("whole", [True, False])
def test_nobody_erases_what_is_held_and_everybody_once_it_is_lifted(
    browser_of, manager, guest, visitor, group, sold, whole
):
    row = hold(manager, group, whole)
    answer = browser_of(manager).post(f"/agent/c/{sold}/visitor/", ERASE, **JSON)
    assert answer.status_code == 409
    told = json.loads(answer.content)
    assert told["legal_hold"] == {"by_name": manager.display_name, "reason": "case 7"}
    assert "case 7" in told["detail"]
    page = browser_of(manager).post(f"/agent/c/{group}/visitor/", ERASE)
    assert page.status_code == 409 and b"a legal hold is on this visitor" in page.content
    own = visitor.post("/chat/acme/privacy/erase/", {"sure": "1"})
    assert own.status_code == 409 and b"is required to keep it" in own.content
    assert b"case 7" not in own.content and manager.display_name.encode() not in own.content
    own = visitor.post("/chat/acme/privacy/erase/", {"sure": "1"}, **JSON)
    assert own.status_code == 409 and "legal_hold" not in own.json()
    assert b"case 7" not in own.content
    assert "first" in said(group) and not Visitor.objects.get().is_erased
    lift(manager, sold, row)
    assert browser_of(manager).post(f"/agent/c/{group}/visitor/", ERASE).status_code == 302
    assert "first" not in said(group) and Visitor.objects.get().is_erased
    check_ledger()


def test_age_takes_nothing_that_is_held(month, manager, alice, guest, group, sold):
    kept = hold(manager, group)
    for each in (group, sold):
        close(alice, each)
    age(31)
    retention.expire(0)
    assert "first" in said(group) and "a price" not in said(sold)
    assert not Visitor.objects.get().is_erased
    lift(manager, group, kept)
    Conversation.objects.update(last_activity=F("last_activity") - timedelta(days=40))
    retention.expire(0)
    assert "first" not in said(group) and Visitor.objects.get().is_erased
    check_ledger()


def test_a_hold_on_the_visitor_keeps_all_conversations_and_those_to_come(
    month, manager, alice, guest, group, enterprise
):
    hold(manager, group, whole=True)
    sales = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(alice, sales)
    later = batches.post(Guest(enterprise, sales, guest.token).draft("a price"))["group"]
    for each in (group, later):
        close(alice, each)
    age(400)
    retention.expire(0)
    assert "first" in said(group) and "a price" in said(later)


def test_what_became_held_meanwhile_is_found_under_the_lock(month, manager, alice, guest, group):
    close(alice, group)
    age(31)
    hold(manager, group)
    assert not retention.forget(guest.uuid, retention.days_by_team())
    before = Conversation.objects.get().last_activity + timedelta(days=1)
    assert not retention.empty(group, before)
    assert "first" in said(group)


def test_held_messages_are_neither_recalled_nor_edited(manager, alice, guest, group):
    mine = batches.post(draft_of(alice, group, "as it was"))["seq"]
    theirs = batches.post(guest.draft("mine", group=group))["seq"]
    row = hold(manager, group)

    for item in (
        Recall(alice.uuid, group, mine),
        Recall(guest.uuid, group, theirs),
        Edit(alice.uuid, group, mine, "otherwise"),
    ):
        (answer,) = batches.run([item])
        assert answer["code"] == "conflict" and "hold" not in answer["detail"]
    assert "as it was" in said(group) and "mine" in said(group)
    lift(manager, group, row)
    batches.do(Recall(alice.uuid, group, mine))
    assert "as it was" not in said(group)


def test_who_signs_in_takes_the_holds_along(manager, customer, guest, group):
    group_hold = hold(manager, group, reason="one conversation")
    hold(manager, group, whole=True, reason="all of them")
    Visitor.objects.filter(uuid=guest.uuid).update(contact="loose@example.com", device="a phone")
    sign_in(guest)
    assert not Visitor.objects.filter(uuid=guest.uuid).exists()
    rows = LegalHold.objects.order_by("pk")
    assert [row.visitor_id for row in rows] == [customer.uuid, customer.uuid]
    assert rows[0] == group_hold and rows[0].group_id == customer.group and rows[0].kept == []
    assert rows[1].group_id == "" and rows[1].kept[0]["device"] == "a phone"
    assert rows[1].kept[0]["contact"] == "loose@example.com"
    with pytest.raises(Refused, match="legal hold"):
        batches.do(VisitorAction("erase", manager.uuid, customer.group))
    assert "first" in said(customer.group) and "long ago" in said(customer.group)


@pytest.mark.parametrize("who", ["alice", "bob", "supervisor", "leader"])
def test_only_managers_place_and_lift(request, browser_of, manager, group, who):
    browser = browser_of(request.getfixturevalue(who))
    place = f"/agent/c/{group}/visitor/"
    form = {"action": "hold", "scope": "conversation", "reason": "mine"}
    assert browser.post(place, form, **JSON).status_code == 403
    row = hold(manager, group)
    lifted = browser.post(place, {"action": "lift", "hold": row.pk}, **JSON)
    assert lifted.status_code == 403
    assert LegalHold.objects.get() == row


def test_managers_of_others_find_nothing(browser_of, other_manager, manager, group, other_group):
    row = hold(manager, group)
    boss = browser_of(other_manager)
    assert boss.post(f"/agent/c/{group}/visitor/", {"action": "lift"}, **JSON).status_code == 404
    place = f"/agent/c/{other_group}/visitor/"
    assert boss.post(place, {"action": "lift", "hold": row.pk}, **JSON).status_code == 200
    assert LegalHold.objects.get() == row, "it is not a hold on that visitor"


def test_what_is_erased_or_invented_is_not_held(browser_of, manager, alice, guest, group):
    Conversation.objects.update(origin=Origin.DEMO)
    with pytest.raises(Refused, match=r"invented|erased"):
        hold(manager, group)
    Conversation.objects.update(origin=Origin.LIVE)
    batches.do(VisitorAction("erase", manager.uuid, group))
    with pytest.raises(Refused, match=r"invented|erased"):
        hold(manager, group)
    assert not LegalHold.objects.exists()


def test_what_comes_from_another_system_may_be_held(manager, group):
    Conversation.objects.update(origin=Origin.IMPORTED)
    hold(manager, group)
    assert LegalHold.objects.count() == 1


def test_colleagues_are_told_and_the_visitor_is_not(
    browser_of, manager, alice, visitor, group, sold
):
    row = hold(manager, group)
    assert rows_of(group)[-1].data["reason"] == "case 7"
    assert all((each.data or {}).get("event") != "legal_hold" for each in rows_of(sold))
    page = browser_of(alice).get(f"/agent/c/{group}/").content.decode()
    assert page.count("case 7") >= 2 and "Lift the hold" not in page
    assert "Lift the hold" in browser_of(manager).get(f"/agent/c/{group}/").content.decode()
    (told,) = json.loads(browser_of(alice).get(f"/agent/c/{group}/visitor/", **JSON).content)[
        "visitor"
    ]["legal_holds"]
    assert (told["hold"], told["reason"], told["by_name"]) == (row.pk, "case 7", "mona")
    for place in ("messages/", "", "privacy/", "privacy/export/", "transcript/"):
        assert "case 7" not in visitor.get(f"/chat/acme/{place}").content.decode(), place
    lift(manager, group, row)
    assert rows_of(group)[-1].data["event"] == "legal_hold_over"
    check_ledger()


def test_whoever_sees_one_conversation_is_told_of_no_hold_on_another(
    browser_of, manager, bob, group, sold
):
    hold(manager, sold, reason="elsewhere")
    told = json.loads(browser_of(bob).get(f"/agent/c/{group}/visitor/", **JSON).content)
    assert told["visitor"]["legal_holds"] == []


def test_the_audit_has_who_placed_it_and_who_lifted_it(browser_of, manager, guest, group):
    boss, place = browser_of(manager), f"/agent/c/{group}/visitor/"
    boss.post(place, {"action": "hold", "scope": "conversation", "reason": "case 7"})
    boss.post(place, {"action": "lift", "hold": LegalHold.objects.get().pk})
    added, deleted = AuditRow.objects.filter(kind="legalhold").order_by("pk")
    assert (added.action, deleted.action) == ("added", "deleted")
    for row in (added, deleted):
        assert (row.actor_name, row.source) == ("mona", "conversation-visitor")
        assert row.address == "127.0.0.1" and row.visitor == guest.uuid
        assert "case 7" in row.details and group in row.details
    assert audit.verify(added.chain).problem == ""


def test_files_of_what_is_held_stay(
    month, manager, alice, visitor, group, django_capture_on_commit_callbacks
):
    upload = SimpleUploadedFile("a.txt", b"text of a file", "text/plain")
    visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    hold(manager, group)
    close(alice, group)
    age(100)
    with django_capture_on_commit_callbacks(execute=True):
        retention.expire(0)
    assert Attachment.objects.count() == 1


def test_a_hold_keeps_what_the_site_said_before(manager, enterprise, customer, client):
    was = Visitor.objects.get(uuid=customer.uuid)
    row = hold(manager, customer.group, whole=True)
    for _again in range(2):
        exchange(client, signed(enterprise, "7", name="Li", email="li@example.com"))
    row.refresh_from_db()
    now = Visitor.objects.get(uuid=customer.uuid)
    assert now.identity["email"] == "li@example.com"
    kept = [(one["name"], one["contact"], one["identity"]) for one in row.kept]
    assert kept == [(was.label, was.contact, contacts.identity(was))]


@pytest.mark.parametrize("whole", [True, False])
def test_a_hold_keeps_the_name_and_contact_that_an_agent_writes_over(
    browser_of, manager, alice, guest, group, sold, whole
):
    Visitor.objects.update(label="Ann", contact="ann@example.com")
    row = hold(manager, group, whole)
    form = {"action": "edit", "name": "Ann", "contact": ""}
    answer = browser_of(alice).post(f"/agent/c/{sold}/visitor/", form, **JSON)
    assert answer.status_code == 200 and Visitor.objects.get().contact == ""
    browser_of(alice).post(f"/agent/c/{sold}/visitor/", form, **JSON)
    batches.do(VisitorAction("edit", alice.uuid, group, label="Bea"))
    row.refresh_from_db()
    kept = [(one["name"], one["contact"]) for one in row.kept]
    assert kept == [("Ann", "ann@example.com"), ("Ann", "")]
    assert all(one["visitor"] == guest.uuid and one["until"] for one in row.kept)


def test_a_hold_keeps_what_a_manager_writes_over_in_the_administration(
    browser_of, manager, guest, group
):
    Visitor.objects.update(label="Ann", contact="ann@example.com")
    row = hold(manager, group)
    page = f"/admin/chat/visitor/{Visitor.objects.get().pk}/change/"
    for name in ("Bea", "Bea"):
        answer = browser_of(manager).post(page, {"label": name, "contact": ""})
        assert answer.status_code == 302 and Visitor.objects.get().label == "Bea"
    row.refresh_from_db()
    assert [(one["name"], one["contact"]) for one in row.kept] == [("Ann", "ann@example.com")]


def test_the_list_shows_a_hold_on_a_visitor_without_a_conversation(browser_of, manager):
    silent = Visitor.objects.create(ent_id=manager.enterprise.code, label="Li", secret_hash="s")
    batches.do(VisitorAction("hold", manager.uuid, "", visitor=silent.uuid, whole=True, reason="7"))
    page = browser_of(manager).get("/admin/chat/legalhold/")
    assert page.status_code == 200 and "everything of this visitor" in page.content.decode()
