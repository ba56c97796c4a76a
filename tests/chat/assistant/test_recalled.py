"""Who takes back what an assistant wrote, and that nothing of it is left."""

from datetime import timedelta

import pytest
from django.db.models import F

from chat.models import AssistantCitation, AssistantTask, Conversation, GroupMessage
from chat.posting import batches
from chat.posting.actions import Recall
from chat.reading import history
from tests.chat.helpers import draft_of, rows_of

from .answered import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(bot, guest, leader, alice):
    return batches.post(guest.draft())["group"]


def recall(who, group: str, seq: int) -> str | None:
    found = batches.run([Recall(who.uuid, group, seq)])[0]
    return found and found["code"]


@pytest.mark.parametrize("role", ["leader", "manager"])
def test_who_leads_takes_it_back_and_nothing_of_it_is_left(group, bot, guest, role, request):
    who = request.getfixturevalue(role)
    seq = answer(bot, group)
    assert recall(who, group, seq) is None
    assert recall(who, group, seq) is None, "once more changes nothing"
    rows = {row.seq: row for row in rows_of(group)}
    name = who.display_name
    facts = {"event": "recalled", "member": who.uuid, "name": name, "bot": True}
    assert rows[seq].data == facts and f"{name} recalled" in rows[seq].message_content
    for as_visitor in (True, False):
        shown = history.messages(Conversation.objects.get(), as_visitor)[0]
        assert "补发" not in repr(shown) and "原话" not in repr(shown)
    task = AssistantTask.objects.get()
    assert (task.text, task.reply, task.citations.count()) == ("", "", 0)
    page = guest.browser().get("/chat/acme/").content.decode()
    assert 'class="helpful"' not in page and "原话" not in page
    row = Conversation.objects.get()
    assert row.waiting_since and not row.bot, "whoever asked waits for people"


def test_others_do_not_nor_anything_else_nor_later(
    group, bot, guest, alice, carol, manager, leader, outsider, other_manager
):
    seq = answer(bot, group)
    assert [recall(who, group, seq) for who in (alice, guest)] == ["forbidden"] * 2
    assert [recall(who, group, seq) for who in (carol, outsider, other_manager)] == [
        "not_found"
    ] * 3
    person = batches.post(draft_of(alice, group, "by a person"))["seq"]
    scripted = batches.post(draft_of(leader, group, "x"))["seq"]
    assert [recall(manager, group, one) for one in (person, scripted, 1)] == ["forbidden"] * 3
    GroupMessage.objects.filter(seq=seq).update(created_at=F("created_at") - timedelta(seconds=121))
    assert recall(manager, group, seq) == "conflict"
    assert AssistantCitation.objects.count() == 2
