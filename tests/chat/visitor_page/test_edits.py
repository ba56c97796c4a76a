"""What managers change on the page about a customer: values of attributes, tags and notes."""

import pytest
from django.urls import reverse

from accounts.models import Attribute
from accounts.setup import find_or_create_team
from chat.models import Conversation, GroupMessage, Visitor
from chat.posting import batches
from tests.chat.customers.people import link, visitor
from tests.chat.helpers import new_guest, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(guest, group, enterprise, manager):
    """A customer with two visitors, of whom the second has the plan."""
    for key, kind in {"plan": "choice", "spent": "number"}.items():
        own = {"key": key, "label": key, "kind": kind, "choices": ["gold"]}
        Attribute.objects.create(enterprise=enterprise, **own)
    other = new_guest(find_or_create_team(enterprise, "sales", "Sales"))
    batches.post(other.draft("from sales"))
    ann, kim = (Visitor.objects.get(uuid=one.uuid) for one in (guest, other))
    Visitor.objects.filter(pk=kim.pk).update(attributes={"plan": "gold"})
    link(manager, ann, kim)
    return ann, kim


@pytest.fixture
def place(pair) -> str:
    return reverse("admin:chat_visitor_change", args=[pair[0].pk])


def values(pair) -> list[dict]:
    return [Visitor.objects.get(pk=one.pk).attributes for one in pair]


def test_values_are_changed_where_they_stand(browser_of, manager, pair, place):
    form = {"action": "attributes", "before.plan": "gold", "attributes.plan": "gold"}
    browser, form = browser_of(manager), form | {"before.spent": "", "attributes.spent": "12.5"}
    assert browser.post(place, form).url == place
    assert values(pair) == [{"spent": 12.5}, {"plan": "gold"}], "to who names the customer"
    noted = GroupMessage.objects.filter(data__event="attributes", data__by=manager.uuid)
    assert noted.count() == 1
    browser.post(place, form | {"before.spent": "12.5", "attributes.plan": ""})
    assert values(pair) == [{"spent": 12.5}, {}]


def test_what_is_wrong_is_said_at_its_field_and_stands_there(browser_of, manager, pair, place):
    form = {"action": "attributes", "before.plan": "gold", "attributes.plan": ""}
    sent = form | {"before.spent": "1", "attributes.spent": "a <lot>"}
    shown = browser_of(manager).post(place, sent).content.decode()
    assert values(pair) == [{}, {"plan": "gold"}], "nothing is half done"
    for words in (
        'value="a &lt;lot&gt;" autofocus aria-invalid="true" aria-describedby="wrong-spent"',
        'id="wrong-spent">Write a number in digits',
        'name="before.spent" value="1"',
        'name="before.plan" value="gold"',
    ):
        assert words in shown, words
    assert "wrong-plan" not in shown
    for name, text in {"tag": "x" * 31, "content": " "}.items():
        action = "tag" if name == "tag" else "note"
        sent = {"action": action, name: text, "client_id": new_id()}
        shown = browser_of(manager).post(place, sent).content.decode()
        assert f'id="wrong-{action}">' in shown and text in shown
        assert 'class="folding" name="act" open' in shown


def test_tags_and_notes_go_to_the_latest_conversation(browser_of, manager, pair, place):
    browser = browser_of(manager)
    _first, latest = Conversation.objects.order_by("last_activity")
    browser.post(place, {"action": "tag", "tag": "vip"})
    note = {"action": "note", "content": "pays by invoice", "client_id": new_id()}
    for _time in range(2):
        assert browser.post(place, note).url == place
    found = GroupMessage.objects.get(message_content="pays by invoice")
    assert (found.message_type, found.group_id) == (GroupMessage.Type.NOTE, latest.uuid)
    latest.refresh_from_db()
    assert latest.tags == ["vip"]
    Conversation.objects.update(tags=["vip"])
    assert "Remove the tag vip" in browser.get(place).content.decode()
    browser.post(place, {"action": "untag", "tag": "VIP"})
    assert not Conversation.objects.exclude(tags=[]).exists(), "off all of them"
    Conversation.objects.update(tags=[f"t{n}" for n in range(20)])
    shown = browser.post(place, {"action": "tag", "tag": "one more"}).content.decode()
    assert "20 tags already" in shown and 'value="one more"' in shown


def test_nobody_else_changes_anything(
    browser_of, alice, supervisor, other_manager, superuser, enterprise, manager, pair, place
):
    forms = (
        {"action": "attributes", "attributes.spent": "1"},
        {"action": "tag", "tag": "vip"},
        {"action": "note", "content": "mine", "client_id": new_id()},
    )
    for who in (alice, supervisor, other_manager, superuser):
        for form in forms:
            browser_of(who).post(place, form)
    assert values(pair) == [{}, {"plan": "gold"}]
    assert not Conversation.objects.exclude(tags=[]).exists()
    assert not GroupMessage.objects.filter(message_content="mine").exists()
    alone = reverse("admin:chat_visitor_change", args=[visitor(enterprise).pk])
    browser_of(manager).post(alone, forms[2])
    assert not GroupMessage.objects.filter(message_content="mine").exists(), "no conversation"
    browser_of(manager).post(alone, forms[0])
    assert Visitor.objects.get(conversation=None).attributes == {"spent": 1}
