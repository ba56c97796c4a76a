"""What bin/crash is asked for, and what it finds wrong with webhooks and articles."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.knowledge import articles
from chat.models import (
    Article,
    ArticleIndex,
    ArticleRevision,
    AssistantCitation,
    AssistantTask,
    GroupMessage,
    Webhook,
    WebhookDelivery,
)
from chat.posting import batches
from crash import hooks, options
from crash.articles import Editor
from crash.hooks import Told
from tests.chat.helpers import new_guest

ROWS = [(7, "g", 1, 1, "hello", "{}"), (8, "g", 2, 4, "", '{"event": "claimed"}')]
EVENTS = [(1, "message.posted", 7, ""), (2, "conversation.claimed", 8, "")]
FIRST = Told(1, ("message.posted", "g", 1, "hello"))
SECOND = Told(2, ("conversation.claimed", "g", 2, None))
TAKEN = Told(1), Told(2)


def wrong(told: list[Told], rows=ROWS, events=EVENTS) -> list[str]:
    answers = {hooks.ROWS: rows, hooks.EVENTS: events, hooks.DUE: [(0,)], hooks.BROKEN: []}
    some = [one for one in told if one.id == 2]
    return hooks.compare(answers.__getitem__, {"/all": told, "/some": some}, late=False).sentences


def test_what_a_webhook_got_is_held_against_the_rows():
    assert wrong([FIRST, FIRST, TAKEN[0], SECOND, TAKEN[1], FIRST]) == [], "at least once"
    for told, found in [
        ([FIRST, TAKEN[0], SECOND], "did not arrive"),
        ([FIRST, SECOND, *TAKEN], "before 1 was taken"),
        ([replace(FIRST, signed=False), TAKEN[0], SECOND, TAKEN[1]], "signature"),
        ([replace(SECOND, id=1), TAKEN[0], SECOND, TAKEN[1]], "not ('message.posted'"),
        ([FIRST, TAKEN[0], SECOND, TAKEN[1], Told(3, FIRST.facts), Told(3)], "not None"),
    ]:
        assert found in wrong(told)[0], told
    assert "events of 0 places" in wrong([FIRST, TAKEN[0]], events=EVENTS[:1])[0]


def select(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_a_webhook_that_is_off_or_has_something_left_is_named(enterprise):
    hook = Webhook.objects.create(enterprise=enterprise, url="https://x.example/")
    hook.webhookdelivery_set.create(type="ping", due_at=timezone.now(), created_at=timezone.now())
    for active, state, found in [
        (True, WebhookDelivery.State.DONE, []),
        (True, WebhookDelivery.State.DUE, ["1 are still to be sent"]),
        (True, WebhookDelivery.State.PARKED, [f"{hook.url}: off, or 1 parked"]),
        (False, WebhookDelivery.State.DONE, [f"{hook.url}: off, or 0 parked"]),
    ]:
        Webhook.objects.update(active=active)
        WebhookDelivery.objects.update(state=state)
        assert hooks.compare(select, {path: [] for path in hooks.HOOKS}, False).sentences == found


def test_an_answer_cites_what_everybody_could_read_when_it_was_stored(enterprise, team):
    guest, editor, begin = new_guest(team), Editor(1, "", []), timezone.now()
    hours = [begin + timedelta(hours=number) for number in range(5)]
    for number, audience in enumerate(("public", "public", "internal"), 1):
        text = articles.Text("Delivery", f"{number} days", audience=audience)
        articles.put(enterprise, "delivery", "en", text)
        ArticleRevision.objects.filter(number=number).update(published_at=hours[number])
        editor.texts["en", number] = text.body

    def wrong_after_citing(revision: int, after: int) -> list[str]:
        stored = batches.post(guest.draft("how long?"))
        rows = GroupMessage.objects.in_group(stored["group"]).filter(seq=stored["seq"])
        rows.update(created_at=hours[after] + timedelta(minutes=1))
        place = {"conversation_id": stored["group"], "message_seq": stored["seq"]}
        task = AssistantTask.objects.create(ent_id="acme", kind="answer", **place)
        AssistantCitation.objects.create(task=task, n=1, lang="en", revision=revision)
        found = editor.check(select)
        task.delete()
        return found

    assert wrong_after_citing(1, 1) == wrong_after_citing(2, 2) == []
    assert "it cites en 2: ('Delivery', '2 days', 'public'" in wrong_after_citing(2, 1)[0]
    assert "it cites en 3: ('Delivery', '3 days', 'internal'" in wrong_after_citing(3, 3)[0]
    assert wrong_after_citing(4, 3)[0].endswith("it cites en 4: None")
    assert "cites en 1, over since" in wrong_after_citing(1, 2)[0]
    editor.ends["en", 2] = hours[2].replace(tzinfo=None)
    assert "cites en 2, over since" in wrong_after_citing(2, 2)[0]


def test_what_was_published_stays_and_is_shown_and_found(enterprise):
    editor = Editor(1, "", [])
    articles.put(enterprise, "delivery", "en", articles.Text("Delivery", "3 days"))
    editor.texts["en", 1] = "3 days"
    assert editor.check(select) == []
    for rows, change, found in [
        (ArticleIndex, {"scope": "internal en"}, "published, and in the index: internal en"),
        (Article, {"title": "Parcels"}, "en shows ['Parcels', '3 days', 'public'], not"),
        (ArticleRevision, {"body": "4 days"}, "revision ('en', 1) was ('Delivery', '3 days'"),
        (ArticleRevision, {"body": "5 days"}, "'3 days' was answered as ('en', 1), stored is"),
        (Article, {"revision": 2}, "en is at 2, and has the revisions [1]"),
    ]:
        rows.objects.update(**change)
        assert found in "; ".join(editor.check(select))


def test_all_is_everything_beside_the_pages_and_goes_with_faults_on_one_host(capsys):
    asked = options.read(["--all"])
    assert asked.assistant and asked.channels and asked.push and asked.webhooks
    for more in (["--soak", "1"], ["--hosts", "2", "--database", "mysql"]):
        with pytest.raises(SystemExit):
            options.read(["--all", *more])
        assert "--all goes with one host and faults" in capsys.readouterr().err
