"""What colleagues put on a conversation, and until when they put it off."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.conversations import snoozes
from chat.models import Conversation, ConversationTag, Tag
from chat.posting import batches
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts
from chat.templatetags.notices import agent_text
from tests.chat.actions import do
from tests.chat.helpers import (
    AGENT_NOTICE,
    act_of,
    check_ledger,
    database,
    draft_of,
    new_guest,
    posted,
    rows_of,
    within,
)

pytestmark = pytest.mark.django_db


def act(member, group: str, name: str, **more) -> None:
    batches.do(act_of(name, member.uuid, group, **more))


def row_of(member, group: str) -> dict:
    (row,) = inbox.rows_of(member.uuid, member.enterprise.code, [group])
    return row


def groups(member, view="all", tag="") -> list[str]:
    return [row["group"] for row in inbox.page(member, chosen=Selection(view, tag))[0]]


def test_tags_are_put_on_and_taken_off(alice, bob, group):
    act(alice, group, "tag", tag="物流")
    act(bob, group, "tag", tag="VIP")
    act(bob, group, "tag", tag="vip")
    assert row_of(alice, group)["tags"] == ["VIP", "物流"]
    assert Tag.objects.count() == ConversationTag.objects.count() == 2
    facts = [row.data for row in rows_of(group)[2:]]
    told = [(fact["event"], fact["tag"], fact["by_name"]) for fact in facts]
    assert told == [("tagged", "物流", "小艾"), ("tagged", "VIP", "小博")]
    act(alice, group, "untag", tag="ViP")
    act(alice, group, "untag", tag="never there")
    assert row_of(bob, group)["tags"] == ["物流"]
    assert ConversationTag.objects.count() == 1
    assert check_ledger() == 5


def test_a_tag_is_found_in_any_spelling_and_by_each_view(alice, team, group):
    other = batches.post(new_guest(team).draft("x"))["group"]
    act(alice, group, "tag", tag="Straße")
    act(alice, other, "tag", tag="STRASSE")
    act(alice, other, "claim")
    assert groups(alice, tag="strasse") == [other, group]
    assert groups(alice, "mine", "Straße") == [other]
    assert groups(alice, "unclaimed", "Straße") == [group]
    assert groups(alice, tag="Stra") == []
    assert row_of(alice, other)["tags"] == ["Straße"], "one spelling in an enterprise"


def test_an_enterprise_has_its_own_tags(agent, alice, outsider, group, other_group, browser_of):
    act(alice, group, "tag", tag="ours")
    act(outsider, other_group, "tag", tag="ours")
    act(outsider, other_group, "tag", tag="theirs")
    assert Tag.objects.count() == 3
    assert json.loads(agent.get("/agent/tags/").content) == {"tags": ["ours"]}
    assert groups(outsider, tag="ours") == [other_group] and groups(alice, tag="theirs") == []
    act(alice, group, "untag", tag="ours")
    assert json.loads(agent.get("/agent/tags/").content) == {"tags": []}


def test_a_conversation_has_a_number_of_tags(alice, group):
    for number in range(20):
        act(alice, group, "tag", tag=f"tag {number}")
    assert do("tag", alice, group, tag="one more") == "conflict"
    assert not Tag.objects.filter(name="one more").exists()
    act(alice, group, "tag", tag="tag 7")


def test_a_snoozed_one_is_out_of_the_views_until_its_time(agent, alice, bob, team, group):
    other = batches.post(new_guest(team).draft("x"))["group"]
    act(alice, group, "claim")
    before = timezone.now()
    act(alice, group, "snooze", minutes=120)
    until = row_of(bob, group)["snoozed_until"]
    assert timedelta(minutes=119) < until - before < timedelta(minutes=121)
    for view in ("all", "mine", "unclaimed"):
        assert group not in groups(alice, view)
    assert groups(alice, "snoozed") == [group]
    assert inbox_counts.view_counts(alice)["mine"] == 0
    batches.post(draft_of(bob, group, "looked at it", note=True))
    assert group not in groups(bob), "a colleague's word wakes nothing"
    Conversation.objects.filter(uuid=group).update(snoozed_until=before)
    assert group in groups(alice) and groups(alice, "snoozed") == []
    assert row_of(alice, group)["snoozed_until"] is None
    batches.post(new_guest(team).draft("newer"))
    snoozes.expire()
    assert groups(alice)[0] == group and other in groups(alice), "back, and on top"
    assert rows_of(group)[-1].data == {"event": "back"}
    snoozes.expire()
    assert Conversation.objects.get(uuid=group).snoozed_until is None
    assert rows_of(group)[-2].message_type != rows_of(group)[-1].message_type
    check_ledger()


def test_a_visitors_message_and_a_colleagues_hand_wake_it(guest, alice, bob, group):
    act(alice, group, "snooze", minutes=60)
    batches.post(guest.draft("are you there?", group=group))
    assert groups(alice) == [group] and row_of(alice, group)["snoozed_until"] is None
    back, message = rows_of(group)[-2:]
    assert (back.data["event"], back.data["why"]) == ("back", "visitor")
    assert back.message_type == AGENT_NOTICE and message.message_content == "are you there?"
    batches.post(guest.draft("once more", group=group))
    told = [row for row in rows_of(group) if (row.data or {}).get("event") == "back"]
    assert len(told) == 1, "only what was put off comes back"
    assert "The snooze has ended: the visitor has written" in agent_text({"data": told[0].data})
    act(alice, group, "snooze", minutes=60)
    act(bob, group, "wake")
    act(bob, group, "wake")
    assert [row.data["event"] for row in rows_of(group) if row.data][-1] == "woken"
    assert groups(alice) == [group]


def test_closing_ends_a_snooze_and_what_is_closed_is_not_snoozed(alice, group):
    act(alice, group, "snooze", minutes=60)
    act(alice, group, "close")
    assert row_of(alice, group)["snoozed_until"] is None and groups(alice, "closed") == [group]
    assert do("snooze", alice, group, minutes=60) == "conflict"


def test_who_snoozed_once_more_is_not_woken_early(alice, group, monkeypatch):
    """The beat found it due; before it had the lock, somebody put it off again."""
    act(alice, group, "snooze", minutes=60)
    snoozes.bring_back(group)
    assert row_of(alice, group)["snoozed_until"] is not None


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_all_pages_of_the_group_hear_of_it(alice, bob, guest, group, connect):
    page, colleague, visitor = await connect(alice), await connect(bob), await connect(guest)
    await page.send("conversation.tag", group=group, tag="物流")
    for socket in (page, colleague):
        event = await socket.until("conversation", group=group)
        assert event["tags"] == ["物流"] and event["version"] == 3

    await page.send("conversation.snooze", group=group, minutes=5)
    event = await colleague.until("conversation", group=group)
    assert event["snoozed_until"].endswith("Z") and event["version"] == 4
    await visitor.say("back again")
    assert posted(await visitor.all())[-1]["content"] == "back again"

    event = await colleague.until("conversation", group=group)
    assert event["snoozed_until"] is None
    await page.send("conversation.snooze", group=group, minutes=5)
    await colleague.until("conversation", group=group)
    past = timezone.now() - timedelta(seconds=1)
    await database(Conversation.objects.filter(uuid=group).update)(snoozed_until=past)
    await database(snoozes.expire)()
    event = await colleague.until("conversation", group=group)
    assert event["snoozed_until"] is None and event["last_activity"]

    for fields in ({"tag": 1}, {"tag": ["x"]}, {}):
        await page.send("conversation.tag", group=group, **fields)
        assert (await page.until("error"))["code"] == "bad_field"
    for minutes in (True, "5", 1.0, None):
        await page.send("conversation.snooze", group=group, minutes=minutes)
        assert (await page.until("error"))["code"] == "bad_field"
    await visitor.send("conversation.tag", group=group, tag="x")
    assert (await visitor.until("error"))["code"] == "forbidden"


def test_due_snoozes_are_found_by_an_index(group):
    if connection.vendor == "sqlite":
        due = Conversation.objects.filter(snoozed_until__lte=timezone.now())
        assert "snoozed_until" in due.explain()
