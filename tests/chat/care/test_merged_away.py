"""The addresses of a conversation that a sign-in has merged with another one."""

import pytest

from accounts import setup
from chat.models import Conversation, MergedConversation
from chat.posting import batches
from chat.posting.actions import Rating, Recall
from chat.posting.items import Mark
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from tests.chat.api.program import bot_of, program_of
from tests.chat.archive.making import ask_for
from tests.chat.helpers import JSON, PAGE, act_of, draft_of, new_id, within
from tests.chat.signed_visitors import sign_in

pytestmark = pytest.mark.django_db


def test_a_program_is_told_where_it_is_at_every_address(merged, enterprise, other_enterprise):
    group, into, _offset = merged
    bot = bot_of(setup.find_or_create_team(enterprise, "sales"))
    message = {"content": "x", "client_id": new_id()}
    calls = (
        ("GET", "", None),
        ("GET", "messages/", None),
        ("POST", "messages/", message),
        ("POST", "actions/", {"action": "close"}),
    )
    for method, place, body in calls:
        path = f"conversations/{group}/{place}"
        for program, told in ((program_of(enterprise), True), (bot, False)):
            answer = program.call(method, path, body)
            content = answer.json()
            expected = (410, "merged", into) if told else (404, "not_found", None)
            assert (answer.status_code, content["error"], content.get("into")) == expected
        assert program_of(other_enterprise).call(method, path, body).status_code == 404
    assert Conversation.objects.get(uuid=into).open


def test_pages_say_where_it_is(merged, browser_of, alice, manager, outsider):
    group, into, _offset = merged
    for reader in (alice, manager):
        browser, place = browser_of(reader), f"/agent/c/{group}/"
        page = browser.get(place, **PAGE)
        assert page.status_code == 410 and f'href="/agent/c/{into}/"' in page.content.decode()
        for address in (place, f"{place}messages/"):
            answer = browser.get(address, **JSON)
            assert (answer.status_code, answer.json()["into"]) == (410, into)
        answer = browser.post(f"{place}messages/", {"content": "kept words"}, **PAGE)
        assert answer.status_code == 410 and "kept words" in answer.content.decode()
    page = browser_of(manager).get(f"/admin/archive/{group}/", **PAGE)
    assert page.status_code == 410 and f'href="/admin/archive/{into}/"' in page.content.decode()
    with pytest.raises(Refused) as refused:
        ask_for(manager, chosen=[group, into])
    assert (refused.value.code, refused.value.facts) == ("merged", {"into": into})
    assert browser_of(outsider).get(f"/agent/c/{group}/", **PAGE).status_code == 404
    assert browser_of(outsider).get(f"/agent/c/{group}/", **JSON).status_code == 404


def test_whatever_is_done_in_it_is_answered_by_where_it_is(
    merged, alice, outsider, customer, guest
):
    group, into, _offset = merged
    known = Conversation.objects.get(uuid=into).visitor_id

    def answers(who: str) -> list[dict]:
        items = [Mark(who, group, 1), Recall(who, group, 1), Rating(who, group, 5, "")]
        return [batches.run([item])[0] for item in items]

    of_agents = [
        draft_of(alice, group, "hello"),
        act_of("claim", alice.uuid, group),
        VisitorAction("block", alice.uuid, group),
    ]
    told = [*answers(alice.uuid), *answers(known), *(batches.run([item])[0] for item in of_agents)]
    assert [(one["code"], one["into"], one["group"]) for one in told] == [
        ("merged", into, group)
    ] * len(told)
    for stranger in (outsider.uuid, guest.uuid, new_id()):
        for one in answers(stranger):
            assert (one["code"], one.get("into")) == ("not_found", None)


def test_a_retry_is_answered_by_what_was_stored_before(customer, guest, group, alice, outsider):
    client_id = new_id()
    offset = Conversation.objects.get(uuid=customer.group).last_seq
    first = batches.post(draft_of(alice, group, "once", client_id=client_id))
    sign_in(guest)
    again, other, foreign = (
        batches.run([draft_of(who, group, text, client_id=client_id)])[0]
        for who, text in ((alice, "once"), (alice, "other words"), (outsider, "once"))
    )
    facts = again["type"], again["id"], again["group"], again["seq"]
    assert facts == ("message.accepted", first["id"], customer.group, first["seq"] + offset)
    assert (other["code"], foreign["code"]) == ("conflict", "not_found")


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_what_is_only_shown_to_others_is_answered_likewise(connect, merged, alice):
    group, into, _offset = merged
    socket = await connect(alice)
    for frame in ({"type": "typing", "draft": True}, {"type": "viewing"}):
        await socket.send(**frame, group=group)
        error = await socket.until("error")
        assert (error["code"], error["into"], error["group"]) == ("merged", into, group)


def test_a_pointer_follows_where_its_conversation_is_merged_on(customer, guest, group):
    earlier = MergedConversation.objects.create(
        ent_id=guest.enterprise.code, group=new_id(), into=group, offset=5
    )
    foreign = MergedConversation.objects.create(
        ent_id="elsewhere", group=new_id(), into=group, offset=5
    )
    into, offset = customer.group, Conversation.objects.get(uuid=customer.group).last_seq
    sign_in(guest)
    pointers = MergedConversation.objects.values_list("group", "into", "offset")
    assert set(pointers) == {
        (group, into, offset),
        (earlier.group, into, 5 + offset),
        (foreign.group, group, 5),
    }
