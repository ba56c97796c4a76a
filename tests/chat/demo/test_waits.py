"""A later start finds the demo's visitors waiting for minutes, not for days."""

from datetime import timedelta

from django.db.models import F

from accounts.models import Member
from chat.bulk.demo import removal, waits
from chat.models import Conversation, GroupMessage, Reception
from chat.posting import batches
from chat.reports import counting
from tests.chat.helpers import draft_of

from .conftest import NOW

LATER = NOW + timedelta(days=3)


def test_whom_nobody_has_answered_has_just_written(full):
    waiting = Conversation.objects.filter(waiting_since__isnull=False)
    answered = waiting.order_by("waiting_since").first()
    batches.post(draft_of(Member.objects.get(name="bob"), answered.uuid, "an answer"))
    others = Conversation.objects.exclude(pk__in=waiting)
    before = [*others.order_by("pk").values_list("last_activity", "claimed_at")]
    counting.count()
    assert waits.renew(full, LATER) == 7
    assert max(row.last_activity for row in waiting) == LATER - waits.NEWEST
    for row in waiting:
        rows = GroupMessage.objects.filter(group_id=row.uuid).order_by("seq")
        assert rows.last().created_at == row.last_activity < LATER < row.due_at
        opened = Reception.objects.get(pk=row.reception_id).opened_at
        assert rows.first().created_at == opened == row.visitor.created_at
    assert [*others.order_by("pk").values_list("last_activity", "claimed_at")] == before
    counting.count()
    assert not Conversation.objects.filter(counted_seq__lt=F("last_seq")).exists()
    assert waits.renew(full, LATER) == 7, "and stays where it is"
    assert max(row.last_activity for row in waiting) == LATER - waits.NEWEST
    waits.renew(full, LATER - timedelta(seconds=20))
    newest = waiting.latest("last_activity").last_activity
    assert newest == LATER - waits.NEWEST, "nor is it moved back"


def test_the_front_page_names_the_demos_accounts_while_it_is_there(full, client):
    page = client.get("/").content.decode()
    assert "?account=alice&amp;next=/agent/" in page and "8 visitors wait" in page
    assert 'value="alice"' in client.get("/agent/login/?account=alice").content.decode()
    removal.remove(full)
    page = client.get("/").content.decode()
    assert "alice" not in page and full.name in page
