"""Rehearsals: whose questions are put to the assistant, and what is noted of it."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditRow
from chat.assistant import answering, assistants, endpoint, queued, rehearsal, requests
from chat.care import erasure
from chat.conversations import changes
from chat.knowledge import nearest
from chat.models import (
    AssistantRehearsal,
    AssistantTask,
    Conversation,
    GroupMessage,
    LegalHold,
    Visitor,
)
from chat.posting import batches
from chat.presence import leases
from chat.views.managers import assistant_rehearsal
from tests.chat.helpers import act_of, draft_of, new_guest

from .conftest import proof

pytestmark = pytest.mark.django_db(transaction=True)
COMMAND = "manage.py assistant_rehearsal"
TODAY = timezone.now().date()


@pytest.fixture
def asked(team, alice):
    """Has a visitor ask something of the team, which alice answers."""

    def ask(text: str, answer: str = "Hello, one moment", guest=None) -> str:
        group = batches.post((guest or new_guest(team)).draft(text))["group"]
        batches.post(draft_of(alice, group, answer))
        return group

    return ask


@pytest.fixture
def quiet(assistant):
    """The assistant is set up, and speaks nowhere."""
    assistants.change(assistant, mode="off")
    leases.release([assistant.member.uuid])
    return assistant


def run(*options: str) -> dict:
    first, last = TODAY - timedelta(1), TODAY + timedelta(1)
    out = StringIO()
    days = ("--from", str(first), "--to", str(last))
    command = ("assistant_rehearsal", "acme", *days, "--json", *options)
    call_command(*command, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue().splitlines()[-1])


def questions(assistant, most=None) -> list[str]:
    days = TODAY - timedelta(1), TODAY + timedelta(1)
    found = rehearsal.questions(assistant.enterprise, *days, most)
    return [task.question for task in found]


def test_the_first_question_of_each_reception_is_asked_alone(
    asked, quiet, article, model, alice, guest
):
    group = asked("My lid is broken", "Send us a photo", guest)
    batches.post(guest.draft("Here it is"))
    batches.do(act_of("close", alice.uuid, group))
    batches.post(guest.draft("Who are you?"))
    before = GroupMessage.objects.count()

    def say(asked):
        return proof(asked) if "lid" in asked["conversation"][0]["text"] else {"person": True}

    model.answer = say
    found = run()
    assert GroupMessage.objects.count() == before
    assert [len(one["conversation"]) for one in model.asked] == [1, 1]
    first, second = found["questions"]
    assert first["answer"] == "A broken lid is replaced free of charge.[1]"
    [citation] = first.pop("citations")
    assert (citation["slug"], citation["revision"], citation["n"]) == ("lid", 1, 1)
    assert set(citation) == {"n", "slug", "lang", "revision", "title", "url", "quote"}
    first.pop("answer")
    facts = {"group": group, "seq": 2, "question": "My lid is broken"}
    assert first == facts | {"outcome": "answered", "person": "Send us a photo"}
    assert (second["group"], second["outcome"], second["answer"]) == (group, "handed_over", "")
    assert (second["question"], second["person"]) == ("Who are you?", "")
    counts = {"questions": 2, "answered": 1, "refused": 0, "handed_over": 1, "tokens": 240}
    assert found["totals"] == counts
    row = AuditRow.objects.get(kind="assistantrehearsal")
    assert (row.source, json.loads(row.details)["count"]) == (COMMAND, 2)
    others = {"done": 2, "proven": 1, "judged": 0, "right": 0}
    assert rehearsal.last(quiet.enterprise) == counts | others


def test_nothing_of_whom_it_must_not_know_is_asked(asked, quiet, other_group):
    erased, held, spam, kept = map(asked, ["erased", "held", "spam", "kept"])
    visitor = Visitor.objects.get(conversation__uuid=erased)
    with changes.begin() as step:
        erasure.by_visitor(visitor, [step.lock_one(erased)], step.now)
    holder = Visitor.objects.get(conversation__uuid=held)
    LegalHold.objects.create(ent_id="acme", visitor=holder, group_id=kept, reason="x")
    Conversation.objects.filter(uuid=spam).update(quarantined_for="words")
    assert questions(quiet) == ["kept"]
    Conversation.objects.filter(uuid=kept).update(origin="demo")
    assert questions(quiet) == ["kept"]
    asked("live")
    assert questions(quiet) == ["live"]


def test_contacts_are_replaced_and_files_are_no_questions(asked, quiet):
    asked("I am wang@example.com")
    group = asked("x")
    GroupMessage.objects.filter(group_id=group, message_content="x").update(message_content="")
    assert [text.partition("[")[0] for text in questions(quiet)] == ["I am "]


def test_the_newest_questions_are_taken_in_their_order(asked, quiet):
    for text in ("one", "two", "three"):
        asked(text)
    assert questions(quiet, 2) == ["two", "three"]


def test_what_is_done_stays_after_an_interruption(asked, quiet, article, model):
    asked("My lid is broken")
    asked("And the cup?")

    def say(asked):
        if len(model.asked) > 1:
            raise KeyboardInterrupt
        return proof(asked)

    model.answer = say
    with pytest.raises(SystemExit):
        run()
    assert [task.state for task in AssistantTask.objects.all()] == ["answered"]
    assert AssistantRehearsal.objects.get().finished_at


def test_a_rehearsal_of_the_page_is_finished_with_its_last_question(asked, quiet, monkeypatch):
    asked("My lid is broken")
    monkeypatch.setattr(endpoint, "ask", None)
    days = TODAY - timedelta(1), TODAY + timedelta(1)
    row, tasks = rehearsal.begin(quiet, *days, None)
    rehearsal.queue(tasks)
    assert [*rehearsal.asked(quiet.enterprise)] == [row]
    assert rehearsal.last(quiet.enterprise) is None
    quiet.daily_tokens = 0
    quiet.save()
    for task in queued.take(4):
        queued.perform(task, answering.directly)
    assert rehearsal.last(quiet.enterprise)["handed_over"] == 1


def test_a_question_that_is_gone_when_it_is_queued_is_not_asked(asked, quiet, model, monkeypatch):
    days = TODAY - timedelta(1), TODAY + timedelta(1)
    group = asked("My lid is broken")
    row, tasks = rehearsal.begin(quiet, *days, None)
    with changes.begin() as step:
        visitor = Visitor.objects.get(conversation__uuid=group)
        erasure.by_visitor(visitor, [step.lock_one(group)], step.now)
    rehearsal.queue(tasks)
    vectors = []
    monkeypatch.setattr(nearest, "prepare", lambda ent_id, text: vectors.append(text))
    work()
    assert not model.asked and not vectors
    task = AssistantTask.objects.get()
    assert (task.state, task.question) == ("dropped", "")
    row.refresh_from_db()
    assert row.finished_at


@pytest.mark.parametrize("by", ["page", "command"])
def test_it_stops_where_half_of_the_days_tokens_is_used(asked, quiet, model, monkeypatch, by):
    for text in ("one", "two", "three", "four"):
        asked(text)
    model.answer = {}
    # A question needs 200, and takes 120.
    monkeypatch.setattr(requests, "estimate", lambda text: 100)
    assistants.change(quiet, daily_tokens=700)
    if by == "command":
        run()
    else:
        days = TODAY - timedelta(1), TODAY + timedelta(1)
        rehearsal.queue(rehearsal.begin(quiet, *days, None)[1])
        while tasks := queued.take(1):
            queued.perform(tasks[0], answering.directly)
    ends = list(AssistantTask.objects.order_by("pk").values_list("state", "cause"))
    assert ends == [("refused", "nothing")] * 2 + [("handed_over", "half")]
    assert AssistantRehearsal.objects.get().finished_at
    trial = AssistantTask.objects.create(ent_id="acme", kind="trial", question="x", language="en")
    queued.perform(queued.take(1)[0], answering.directly)
    trial.refresh_from_db()
    assert trial.state == "refused", "others have the whole day's"


@pytest.mark.parametrize(
    "options", [("--limit", "0"), ("--from", "2026-13-01"), ("--to", "2020-01-01")]
)
def test_a_wrong_day_or_number_is_named(quiet, options):
    with pytest.raises(CommandError):
        run(*options)


PAGE = "/admin/assistant/rehearsal/"


def press(client, **fields):
    return client.post(PAGE, fields, follow=True).content.decode()


def work() -> None:
    for task in queued.take(100):
        queued.perform(task, answering.directly)


def test_the_page_rehearses_and_a_press_judges(asked, quiet, article, model, supervisor, client):
    asked("My lid is broken", "Send us a photo")
    client.force_login(supervisor)
    assert "Nothing has been rehearsed yet" in client.get(PAGE).content.decode()
    model.answer = proof
    assert "data-busy" in press(client, action="begin")
    press(client, action="begin")
    task = AssistantTask.objects.get()
    early = {"action": "judge", "task": task.pk, "judgement": "right"}
    assert client.post(PAGE, early).status_code == 404
    work()
    shown = client.get(PAGE).content.decode()
    assert "data-busy" not in shown and "Send us a photo" in shown and "Broken lids" in shown
    press(client, action="judge", task=task.pk, judgement="nearly")
    press(client, action="judge", task=task.pk, judgement="right")
    assert "Send us a photo" not in client.get(f"{PAGE}?only=open").content.decode()
    assert rehearsal.last(quiet.enterprise)["right"] == 1
    assert AuditRow.objects.filter(action="read", kind="archive").count() == 1


def test_a_page_has_so_many_questions_and_reads_them_at_once(
    asked, quiet, article, model, manager, client, monkeypatch
):
    model.answer = proof
    client.force_login(manager)
    counts = []
    for _more in range(2):
        for text in ("My lid is broken", "A lid?", "No lid?"):
            asked(text, "Send us a photo")
        press(client, action="begin")
        work()
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PAGE)
        counts.append(len(queries))
        lines = page.context["lines"]
        assert all(line["said"] and len(line["articles"]) == 1 for line in lines)
    assert len(lines) == 6 and counts[1] <= counts[0]
    monkeypatch.setattr(assistant_rehearsal, "QUESTIONS", 4)
    last = client.get(f"{PAGE}?page=2").context["lines"]
    assert [line["task"] for line in last] == [line["task"] for line in lines[4:]]
    form = {"action": "judge", "task": last[0]["task"].pk, "judgement": "right", "page": "2"}
    assert "?page=2#q" in client.post(PAGE, form)["Location"]
    article.delete()
    assert not any(line["articles"] for line in client.get(PAGE).context["lines"])


def test_a_stopped_rehearsal_has_what_was_asked(asked, quiet, model, manager, client):
    asked("My lid is broken")
    asked("And the cup?")
    client.force_login(manager)
    press(client, action="begin")
    model.answer = {}
    queued.perform(queued.take(1)[0], answering.directly)
    press(client, action="stop")
    work()
    counts = rehearsal.last(quiet.enterprise)
    assert (counts["questions"], counts["refused"]) == (1, 1)


def test_a_question_of_another_enterprise_is_none_of_a_rehearsal(quiet, enterprise):
    row = AssistantRehearsal.objects.create(enterprise=enterprise, since=TODAY, until=TODAY)
    facts = {"ent_id": "other", "kind": "rehearsal", "rehearsal": row}
    other = AssistantTask.objects.create(**facts)
    assert not rehearsal.asked(enterprise) and not rehearsal.busy(row)
    assert rehearsal.totals(rehearsal.tasks_of(row))["questions"] == 0
    rehearsal.stop(row)
    assert AssistantTask.objects.get() == other


def test_another_enterprise_judges_nothing(asked, quiet, other_manager, client):
    asked("My lid is broken")
    days = TODAY - timedelta(1), TODAY + timedelta(1)
    rehearsal.queue(rehearsal.begin(quiet, *days, None)[1])
    AssistantTask.objects.update(state="answered")
    client.force_login(other_manager)
    task = AssistantTask.objects.get()
    form = {"action": "judge", "task": task.pk, "judgement": "right"}
    assert client.post(PAGE, form).status_code == 404
    wrong = ({**form, "judgement": "good"}, {**form, "task": "x"}, {"action": "publish"})
    assert [client.post(PAGE, one).status_code for one in wrong] == [400, 400, 400]
    assert "My lid is broken" not in client.get(PAGE).content.decode()
    assert not AssistantTask.objects.exclude(judgement="").exists()
