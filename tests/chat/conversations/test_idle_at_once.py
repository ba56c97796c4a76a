"""Several processes look for what is idle at once: each conversation is warned and closed once."""

import threading

import pytest
from django.db import connection

from chat.models import GroupMessage, Reception
from tests.chat.helpers import check_ledger

from .idle import HOURS, MINUTES, look, many


@pytest.fixture
def closing(team):
    team.idle_hours, team.warn_minutes = HOURS, MINUTES
    team.save()
    return team


def tally() -> dict[str, int]:
    events = [row.data["event"] for row in GroupMessage.objects.exclude(data=None)]
    return {event: events.count(event) for event in ("idle", "closed")}


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_warns_and_one_closes(closing, alice):
    many(closing, alice, 6)
    failures = []

    def together(hours: float) -> None:
        start = threading.Barrier(4)

        def looking() -> None:
            try:
                start.wait(10)
                look(hours)
            except BaseException as error:  # a thread's failure is the test's
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=looking) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    together(0)
    assert failures == [] and tally() == {"idle": 6, "closed": 0}
    together(1)
    assert failures == [] and tally() == {"idle": 6, "closed": 6}
    assert Reception.objects.filter(reason="idle").count() == 6
    check_ledger()
