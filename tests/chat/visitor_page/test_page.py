"""The page about a visitor: what it shows of all their receptions, to whom, and what is done
there."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditRow
from accounts.setup import find_or_create_team
from chat.admin import VisitorAdmin
from chat.models import ContactBy, Conversation, GroupMessage, LegalHold, Reception, Visitor
from chat.posting import batches
from chat.posting.actions import Rating
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from chat.visitor_page import page, timeline
from tests.accounts.admin.page import form_of
from tests.chat.files.uploads import sent
from tests.chat.helpers import Guest, act_of, draft_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(group, guest):
    return Visitor.objects.get(uuid=guest.uuid)


@pytest.fixture
def place(row) -> str:
    return reverse("admin:chat_visitor_change", args=[row.pk])


@pytest.fixture
def told(guest, group, alice, bob):
    """Two receptions: one that was answered, rated and closed, and a new one that waits."""
    batches.post(draft_of(alice, group, "the first answer"))
    batches.post(draft_of(bob, group, "prefers mornings", note=True))
    batches.do(act_of("tag", alice.uuid, group, tag="vip"))
    batches.do(act_of("close", alice.uuid, group, reason="Solved"))
    batches.do(Rating(guest.uuid, group, 4, "quick"))
    batches.post(guest.draft("one thing more", group=group))
    counting.count()
    return group


def later(row: Visitor, hours: int) -> Reception:
    """A reception of the visitor's first conversation, so long after now."""
    at = timezone.now() + timedelta(hours=hours)
    group = Conversation.objects.filter(visitor=row).first().uuid
    return Reception.objects.create(group_id=group, ent_id=row.ent_id, opened_at=at, closed_at=at)


def test_it_is_about_a_person(browser_of, manager, visitor, place, told):
    sent(visitor, content="look here")
    Visitor.objects.update(
        language="zh-hans", contact="li@example.com", contact_by=ContactBy.VISITOR,
        identity={"id": "u_20418"}, referrer="https://search.example/q",
    )  # fmt: skip
    shown = browser_of(manager).get(place).content.decode()
    for words in (
        *("Simplified Chinese", "li@example.com", "given by the visitor", "search.example/q"),
        *("u_20418", "signed by your site", "prefers mornings", "Waiting", "waiting for"),
        *("first reply after", "the first answer", "Solved", "4 of 5", "quick", "vip", "小艾"),
        *("look here", "Not blocked", 'href="/files/'),
    ):
        assert words in shown, words
    assert "zh-hans<" not in shown and "<dd>-" not in shown


def test_each_reception_has_its_own_last_words_and_people(row, told, alice, bob):
    new, old = timeline.read(row.ent_id, page.conversations([row]), None)["entries"]
    assert (new.state, new.last["excerpt"]) == ("waiting", "one thing more")
    assert (old.state, old.last["excerpt"], old.ended) == ("closed", "the first answer", "Solved")
    assert old.people == [alice] and new.people == [alice], "she held the last claim"
    assert new.newest and not old.newest and old.reply is not None


def test_pages_meet_over_all_conversations_and_ask_as_often_for_many_rows(
    row, guest, enterprise, told, monkeypatch
):
    sales = find_or_create_team(enterprise, "sales", "Sales")
    batches.post(Guest(enterprise, sales, guest.token).draft("to sales"))
    later(row, -300)
    with CaptureQueriesContext(connection) as few:
        timeline.read(row.ent_id, page.conversations([row]), None)
    for hours in range(1, 8):
        later(row, hours)
    with CaptureQueriesContext(connection) as many:
        found = timeline.read(row.ent_id, page.conversations([row]), None)
    assert len(few) == len(many) and len(found["entries"]) == 11
    monkeypatch.setattr(timeline, "SIZE", 4)
    seen, part = [], timeline.read(row.ent_id, page.conversations([row]), None)
    while part["more"]:
        seen += part["entries"]
        part = timeline.read(row.ent_id, page.conversations([row]), part["more"])
    assert [one.reception.pk for one in [*seen, *part["entries"]]] == [
        one.reception.pk for one in found["entries"]
    ]
    times = [one.reception.opened_at for one in found["entries"]]
    assert times == sorted(times, reverse=True)
    assert {one.row.team.name for one in found["entries"]} == {"Sales", "Customer service"}


def test_a_wrong_cursor_is_not_found(browser_of, manager, place):
    assert browser_of(manager).get(f"{place}?cursor=x").status_code == 404


def test_opening_it_is_noted_once(browser_of, manager, other_manager, row, place):
    browser = browser_of(manager)
    for _time in range(2):
        assert browser.get(place).status_code == 200
    assert browser_of(other_manager).get(place).status_code == 302
    noted = AuditRow.objects.get(kind="visitor", visitor=row.uuid)
    assert (noted.action, noted.actor_name) == ("read", "mona")


def test_a_visitor_of_no_enterprise_is_not_found(browser_of, superuser, row, place):
    Visitor.objects.update(ent_id="gone")
    assert browser_of(superuser).get(place).status_code == 404


def test_contacts_are_masked_for_who_may_not_see_them(row, alice, enterprise):
    row.contact, row.identity = "li@example.com", {"email": "wang@example.com"}
    enterprise.hide_contacts = True
    enterprise.save()
    alice.refresh_from_db()
    found = page.context(alice, [row], QueryDict())["addresses"]
    assert [one.text for one in found] == ["w…@…", "l…@…"]


def test_blocks_and_holds_are_done_there_and_said_in_a_sentence(
    browser_of, manager, superuser, row, place, group
):
    browser = browser_of(manager)
    form = {"action": "block", "minutes": "", "reason": "spam"}
    assert browser.post(place, form).url == place
    blocked = r"Blocked by mona \d+ seconds? ago: spam"
    assert re.search(blocked, browser.get(place).content.decode())
    browser.post(place, {"action": "unblock"})
    assert "Not blocked" in browser.get(place).content.decode()
    browser.post(place, {"action": "hold", "scope": "visitor", "reason": "a lawsuit"})
    refused = browser.post(place, {"action": "erase", "sure": "1"}, follow=True)
    assert "a legal hold is on this visitor" in refused.content.decode()
    hold = LegalHold.objects.get(group_id="")
    browser.post(place, {"action": "lift", "hold": str(hold.pk)})
    assert not LegalHold.objects.exists()
    assert browser_of(superuser).post(place, form).status_code == 403
    assert 'name="action"' not in browser_of(superuser).get(place).content.decode()


def test_a_contact_that_came_meanwhile_is_kept(browser_of, manager, row, place):
    browser = browser_of(manager)
    fields = form_of(browser.get(place))
    Visitor.objects.update(contact="new@x.io", contact_by=ContactBy.PROVEN)
    sent = {"label": "Li", "contact": "", "_seen": fields.get("_seen", "{}")}
    browser.post(place, sent)
    row.refresh_from_db()
    assert (row.contact, row.contact_by) == ("new@x.io", ContactBy.PROVEN)


def test_a_form_without_a_name_says_so(browser_of, manager, row, place):
    assert "This field is required" in browser_of(manager).post(place, {}).content.decode()


@pytest.mark.parametrize("late", [False, True])
def test_what_was_erased_meanwhile_stays_erased(
    browser_of, manager, row, group, place, late, monkeypatch
):
    def erase(_admin=None, _request=None, form=None, change=None):
        batches.do(VisitorAction("erase", manager.uuid, group))
        return form and form.save(commit=False)

    if late:
        monkeypatch.setattr(VisitorAdmin, "save_form", erase)
    else:
        erase()
    sent = {"label": "Li", "contact": "li@x.io"}
    shown = browser_of(manager).post(place, sent, follow=True).content.decode()
    row.refresh_from_db()
    assert row.label != "Li" and not row.contact
    assert "Nothing was done: this visitor was erased." in shown


def test_erasing_wants_a_fresh_proof_and_leaves_a_page(browser_of, manager, row, place):
    browser = browser_of(manager)
    session = browser.session
    session["proved_at"] = 0
    session.save()
    assert "/confirm/" in browser.post(place, {"action": "erase", "sure": "1"}).url
    assert not Visitor.objects.get().is_erased
    browser_of(manager).post(place, {"action": "erase", "sure": "1"})
    shown = browser_of(manager).get(place).content.decode()
    assert "Erased visitor" in shown and 'name="action"' not in shown


def test_a_manager_begins_a_conversation(browser_of, manager, alice, place, row, group):
    boss = browser_of(manager)
    form = {"action": "begin", "client_id": str(uuid4()), "content": "Your order is here."}
    refused = boss.post(place, form | {"team": "nowhere"})
    assert refused.status_code == 200 and '<details class="folding" name="act" open>' in (
        refused.content.decode()
    ), "what was written stands there"
    answer = boss.post(place, form)
    assert answer.status_code == 302 and answer.url == reverse("conversation", args=[group])
    assert boss.post(place, form).url == answer.url, "sent twice, it is there once"
    said = GroupMessage.objects.filter(sender=manager.uuid, message_content="Your order is here.")
    assert said.count() == 1 and Conversation.objects.get(uuid=group).claimed_by
    Visitor.objects.filter(pk=row.pk).update(blocked=True)
    kept_out = boss.post(place, form | {"client_id": str(uuid4())})
    assert "messagelist" in kept_out.content.decode() and said.count() == 1
