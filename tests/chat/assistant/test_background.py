"""What has the assistant answer, and keeps it present."""

from concurrent.futures import Future
from datetime import timedelta

import pytest

from chat import clock
from chat.assistant import assistants, queued
from chat.background import assistant as background
from chat.models import AssistantTask, Conversation, Presence
from chat.posting import batches
from chat.presence import leases

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner(monkeypatch):
    """A runner that does at once, on this thread, what it begins."""
    found = background.Runner()
    monkeypatch.setattr(background, "on_database", lambda function, *args: function(*args))
    monkeypatch.setattr(background.current, "soon", lambda: None)

    def begin(ent_id, key, function, *args):
        found.attempt(function, *args, background.on_database)

    found.begin = begin
    return found


def test_it_is_present_while_it_answers(assistant, runner):
    Presence.objects.all().delete()
    runner.look()
    who = {assistant.member.uuid}
    assert leases.online(who) == who
    assistants.change(assistant, mode="whisper")
    runner.looked = 0.0
    runner.look()
    assert leases.online(who) == set()


def test_a_look_answers_whoever_waits_and_what_is_queued(assistant, runner, model, guest, alice):
    group = batches.post(guest.draft("Hello"))["group"]
    AssistantTask.objects.create(ent_id="acme", kind="trial", question="Hello", language="en")
    model.answer = {"courtesy": "greeting"}
    runner.look()
    assert Conversation.objects.get(uuid=group).bot_asked_at is None
    ends = set(AssistantTask.objects.values_list("kind", "state", "cause"))
    assert ends == {(kind, "answered", "courtesy") for kind in ("answer", "trial")}
    assert AssistantTask.objects.get(kind="trial").text.startswith("Hello!")


def test_a_closed_enterprises_assistant_asks_no_model(assistant, runner, model, guest, enterprise):
    group = batches.post(guest.draft("Hello"))["group"]
    AssistantTask.objects.create(ent_id="acme", kind="trial", question="Hello", language="en")
    type(enterprise).objects.update(status=1)
    runner.look()
    assert Conversation.objects.get(uuid=group).bot_asked_at and not model.asked
    task = AssistantTask.objects.get()
    assert (task.kind, task.cause) == ("trial", "off")


def test_only_what_is_worked_on_is_kept_from_others(assistant, runner, guest):
    group, until = batches.post(guest.draft("Hello"))["group"], clock.now() + timedelta(seconds=2)
    facts = {"ent_id": "acme", "state": "running", "lease": leases.NODE_ID, "leased_until": until}
    tasks = [
        AssistantTask.objects.create(kind=kind, seq=seq, conversation_id=group, **facts)
        for seq, kind in enumerate(("answer", "draft", "draft"))
    ]
    runner.working = {group: ("acme", Future()), tasks[1].pk: ("acme", Future())}
    runner.look()
    kept = AssistantTask.objects.order_by("pk").values_list("leased_until", flat=True)
    assert [one > until for one in kept] == [True, True, False]


def test_what_somebody_looks_at_is_taken_before_a_rehearsal(assistant):
    for kind in ("rehearsal", "rehearsal", "draft", "trial"):
        AssistantTask.objects.create(ent_id="acme", kind=kind, question="Hello", language="en")
    taken = [task.kind for _ in range(2) for task in queued.take(2)]
    assert taken == ["draft", "trial", "rehearsal", "rehearsal"]
