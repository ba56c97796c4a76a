"""The assistant's figures: each against a count by hand, and against the rows that it opens."""

import random
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.assistant import figures
from chat.assistant.figures import ALONE, ENDED, FIGURES, Period
from chat.models import AssistantTask, Conversation, GroupMessage, Reception, Visitor

pytestmark = [pytest.mark.django_db]
Kind, State = AssistantTask.Kind, AssistantTask.State
TO_PEOPLE = (State.REFUSED, State.HANDED_OVER)
BY_HAND = {
    "asked": lambda one: any(
        BY_HAND[name](one) for name in ("answered", "asked_back", "to_people")
    ),
    "answered": lambda one: (
        one.kind == "answer" and one.state == "answered" and one.cause in ("nothing", "budget", "")
    ),
    "asked_back": lambda one: (one.kind, one.state, one.cause) == ("answer", "answered", "asks"),
    "refused": lambda one: one.kind == "answer" and one.state == "refused",
    "to_people": lambda one: one.kind == "answer" and one.state in TO_PEOPLE,
    "timed": lambda one: one.kind == "answer" and one.seconds is not None,
    "useful": lambda one: one.kind == "answer" and one.helpful is True,
    "useless": lambda one: one.kind == "answer" and one.helpful is False,
    "spent": lambda one: one.prompt_tokens + one.completion_tokens > 0,
}


@pytest.fixture
def tasks(enterprise, other_enterprise):
    """Tasks of all kinds, some before the period and some of another enterprise."""
    chance, now = random.Random(7), timezone.now()
    ages = (0, 0.4, 5, 6.9, 8, 29, 31)
    for n in range(400):
        task = AssistantTask.objects.create(
            ent_id=chance.choice([enterprise.code, enterprise.code, other_enterprise.code]),
            kind=chance.choice([Kind.ANSWER, Kind.ANSWER, Kind.ANSWER, *Kind.values]),
            state=chance.choice(State.values),
            cause=chance.choice(["nothing", "budget", "courtesy", "asks", ""]),
            prompt_tokens=chance.choice([0, 700]),
            completion_tokens=chance.choice([0, 0, 40]),
            seconds=chance.choice([None, n / 7]),
            helpful=chance.choice([None, True, False]),
        )
        age = timedelta(chance.choice(ages))
        AssistantTask.objects.filter(pk=task.pk).update(created_at=now - age)
    return list(AssistantTask.objects.filter(ent_id=enterprise.code))


@pytest.fixture
def receptions(enterprise, team):
    """Receptions by a name that says what happened; the assistant was asked in all but one."""
    visitor = Visitor.objects.create(ent_id="acme", label="Li", secret_hash="s")
    thread = Conversation.objects.create(
        ent_id="acme", visitor=visitor, team=team, last_activity=timezone.now()
    )
    found, ended = {}, timezone.now() - timedelta(3)

    def make(name, sender="", after=timedelta(minutes=-5), asked=True, at=ended, **row):
        # Each has its own hours, since the rows of one conversation are told apart by time.
        at -= timedelta(hours=30 * len(found)) if at == ended else timedelta(0)
        one = found[name] = Reception.objects.create(
            group_id=thread.uuid, ent_id="acme", opened_at=at - timedelta(minutes=30), closed_at=at
        )
        if asked:
            AssistantTask.objects.create(ent_id="acme", kind="answer", reception=one)
        if row or sender:
            row = {"message_type": 1, "seq": len(found), "client_id": name, **row}
            message = GroupMessage.objects.create(
                ent_id="acme", group_id=thread.uuid, sender=sender, **row
            )
            GroupMessage.objects.filter(pk=message.pk).update(created_at=at + after)

    wish = {"message_type": 2, "data": {"event": "handed_over", "why": "visitor"}}
    make("nobody wrote")
    make("a person wrote", "alice")
    make("a person wrote a day later", "alice", timedelta(hours=23))
    make("the visitor alone wrote", visitor.uuid)
    make("the assistant wrote", "bot", data={"bot": True})
    make("the visitor wished for people", **wish)
    make("long ago", at=timezone.now() - timedelta(40))
    make("just now", at=timezone.now() - timedelta(hours=2))
    make("without the assistant", asked=False)
    return found


@pytest.mark.parametrize("days", [7, 30])
def test_each_figure_is_the_number_of_its_rows(
    tasks, enterprise, assistant, manager, browser_of, days
):
    period = Period.last(enterprise, days)
    counted = [task for task in tasks if task.created_at >= period.begin]
    numbers, browser = figures.read(period), browser_of(manager)
    assert set(BY_HAND) == set(FIGURES)
    for figure, counts in BY_HAND.items():
        n = sum(map(counts, counted))
        assert 0 < n < len(tasks) and numbers[figure] == n, figure
        page = browser.get(f"/admin/assistant/tasks/?days={days}&figure={figure}")
        assert page.context["found"].paginator.count == n
    tokens = sum(task.prompt_tokens + task.completion_tokens for task in counted)
    assert numbers["tokens"] == tokens
    seconds = sorted(task.seconds for task in filter(BY_HAND["timed"], counted))
    assert numbers["median"] == seconds[-(-len(seconds) // 2) - 1]
    assert numbers["p95"] == seconds[-(-len(seconds) * 95 // 100) - 1]
    assert sum(n for _cause, n in numbers["why"]) == numbers["to_people"]
    for cause, n in numbers["why"]:
        rows = f"/admin/assistant/tasks/?days={days}&figure=to_people&cause={cause}"
        assert browser.get(rows).context["found"].paginator.count == n
    page = browser.get(f"/admin/assistant/?days={days}").content.decode()
    assert re.search(rf"figure=answered\">{numbers['answered']}<", page)


def test_a_reception_ended_without_a_person_where_none_wrote_and_none_was_wanted(
    receptions, enterprise, manager, browser_of
):
    period = Period.last(enterprise, 30)
    names = {one.pk: name for name, one in receptions.items()}
    alone = {names[one.pk] for one in figures.receptions(period, ALONE)}
    assert alone == {"nobody wrote", "the visitor alone wrote", "the assistant wrote"}
    others = {names[one.pk] for one in figures.receptions(period, ENDED)} - alone
    assert others == {
        "a person wrote",
        "a person wrote a day later",
        "the visitor wished for people",
    }
    numbers, browser = figures.read(period), browser_of(manager)
    for figure, n in ((ALONE, 3), (ENDED, 6)):
        page = browser.get(f"/admin/assistant/tasks/?days=30&figure={figure}")
        assert page.context["found"].paginator.count == numbers[figure] == n
