"""Several processes look for what is idle at once: each conversation is warned and closed once."""

import pytest

from chat.models import GroupMessage, Reception
from tests.chat.helpers import check_ledger
from tests.chat.threads import in_threads

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
    for hours, closed in ((0, 0), (1, 6)):
        in_threads(4, lambda _number, hours=hours: look(hours))
        assert tally() == {"idle": 6, "closed": closed}
    assert Reception.objects.filter(reason="idle").count() == 6
    check_ledger()
