"""What the chat tells the audit: readings without a seat, erasures, exports of reports; and what it
does not: anything that happens in a conversation."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import audit
from accounts.models import AuditHead, AuditRow, Member
from chat.care import retention
from chat.models import Conversation, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.helpers import JSON, act_of, draft_of

pytestmark = pytest.mark.django_db(transaction=True)


def readings():
    return AuditRow.objects.filter(action="read")


@pytest.mark.parametrize("who", ["manager", "supervisor"])
def test_who_reads_without_a_seat_is_noted_once_in_a_while(browser_of, request, group, guest, who):
    member = request.getfixturevalue(who)
    browser = browser_of(member)
    for _time in range(2):
        assert browser.get(f"/agent/c/{group}/").status_code == 200
        assert browser.get(f"/agent/c/{group}/messages/", **JSON).status_code == 200
    row = readings().get()
    assert (row.actor, row.object_id, row.visitor) == (member.uuid, group, guest.uuid)
    assert (row.source, row.address) == ("conversation", "127.0.0.1")
    AuditRow.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(minutes=11))
    browser.get(f"/agent/c/{group}/messages/", **JSON)
    assert readings().count() == 2


def test_whoever_has_a_seat_is_not_noted(browser_of, alice, manager, group):
    batches.do(act_of("invite", alice.uuid, group, member=manager.uuid))
    for member in (alice, manager):
        browser_of(member).get(f"/agent/c/{group}/")
    assert not readings().exists()


def test_a_member_who_erases_is_named_with_the_address(browser_of, manager, guest, group):
    browser_of(manager).post(f"/agent/c/{group}/visitor/", {"action": "erase", "sure": "1"})
    row = AuditRow.objects.get(action="erased")
    assert (row.actor_name, row.source) == ("mona", "conversation-visitor")
    assert (row.address, row.object_id) == ("127.0.0.1", guest.uuid)
    assert audit.verify(row.chain).problem == ""
    batches.do(VisitorAction("erase", manager.uuid, group))
    assert AuditRow.objects.filter(action="erased").count() == 1, "once more changes nothing"


def test_an_erasure_by_age_is_the_servers(enterprise, alice, group):
    batches.do(act_of("close", alice.uuid, group))
    enterprise.retention_days = 1
    enterprise.save()
    old = timezone.now() - timedelta(days=2)
    Conversation.objects.update(last_activity=old)
    visitor = Visitor.objects.get()
    assert retention.forget(visitor.uuid, retention.days_by_team())
    row = AuditRow.objects.get(action="erased")
    assert (row.actor, row.actor_name, row.source) == ("", "", "retention")


def test_a_report_that_leaves_is_noted(browser_of, manager, analyst, enterprise, group):
    for member, kind in ((manager, "csv"), (analyst, "xlsx")):
        place = f"/admin/reports/export.{kind}?metric=receptions&from=2026-11-01&to=2026-11-02"
        assert browser_of(member).get(place).status_code == 200
        row = AuditRow.objects.filter(action="exported").last()
        assert (row.chain, row.actor, row.kind) == (enterprise.pk, member.uuid, "report")
        assert row.object_name == f"receptions.{kind}" and "2026-11-01" in row.details
    for what, n in (("metric=receptions", 1), ("by=topic", 1), ("metric=rating&clock=hours", 0)):
        assert browser_of(manager).get(f"/admin/reports/export.csv?{what}").status_code == 200
        row = AuditRow.objects.filter(action="exported").last()
        details = json.loads(row.details)
        assert details["rows"] == n and {"from", "to"} <= details.keys(), "those without a field"
    assert details["clock"] == "hours"
    before = AuditRow.objects.count()
    browser_of(manager).get("/admin/reports/export.csv?metric=receptions&from=x")
    assert AuditRow.objects.filter(pk__gt=row.pk, action="exported").count() == 0
    assert AuditRow.objects.count() == before + 1, "the sign-in"


def test_a_changed_visitor_is_told_of_by_id_only(browser_of, manager, guest, group):
    visitor = Visitor.objects.get(uuid=guest.uuid)
    place = f"/admin/chat/visitor/{visitor.pk}/change/"
    browser_of(manager).post(place, {"label": "Wang Fang", "contact": "wang@example.com"})
    row = AuditRow.objects.get(kind="visitor")
    assert row.details == '{"hidden": ["contact", "label"]}' and row.object_id == guest.uuid
    told = str(list(AuditRow.objects.filter(visitor=guest.uuid).values_list()))
    assert "Wang" not in told and "wang@" not in told


def test_nothing_on_a_messages_way_touches_the_audit(guest, alice, bob, manager, group):
    AuditHead.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        batches.post(guest.draft("a question"))
        batches.post(draft_of(alice, group, "an answer"))
        batches.mark(bob.uuid, group, 99)
        for name in ("claim", "close", "reopen"):
            batches.do(act_of(name, alice.uuid, group))
        Member.objects.get(pk=alice.pk).choose_state(True, False, timezone.now())
    assert not [one for one in queries if "audit_row" in one["sql"] or "audit_head" in one["sql"]]
    assert not AuditHead.objects.exists()


def test_what_a_visitor_takes_along_again_is_one_row_a_day(guest, alice, group):
    batches.post(draft_of(alice, group, "an answer"))
    browser = guest.browser()
    for _time in range(2):
        for place in ("transcript/", "privacy/export/"):
            assert browser.get(f"/chat/acme/{place}").status_code == 200
        browser.post("/chat/acme/transcript/", {"email": "wang@example.com"})
    taken = AuditRow.objects.filter(action="exported", visitor=guest.uuid)
    details = ['{"as": "file"}', '{"as": "mail"}', "{}"]
    assert sorted(taken.values_list("details", flat=True)) == details
    taken.update(at=timezone.now() - timedelta(hours=25))
    browser.get("/chat/acme/privacy/export/")
    assert taken.count() == 4
