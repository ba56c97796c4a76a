"""Of many, one that fails holds up none behind it."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import DataError, OperationalError, connection
from django.utils import timezone

from chat import sweeps
from chat.care import blocks
from chat.conversations import claims, idle, snoozes
from chat.models import Conversation, Visitor

from .figures import moved


@pytest.mark.django_db
def test_a_step_that_fails_is_told_once_and_what_comes_after_it_is_done(caplog):
    failing, done = True, []

    def step(key, more):
        if key == "bad" and failing:
            raise DataError("cannot be")
        done.append(key + more)
        return True

    with connection.cursor():
        pass  # Connected.
    with moved(database_errors_total__periodic=2):
        for _ in range(2):
            answers = [sweeps.run_step(step, key, "!") for key in ("one", "bad", "two")]
    assert answers == [True, None, True] and done == ["one!", "two!"] * 2
    assert [each.message for each in caplog.records] == [
        f"a step of {__name__} failed for bad, the others go on"
    ]
    failing = False
    sweeps.run_step(step, "bad", "!")
    failing = True
    sweeps.run_step(step, "bad", "!")
    assert len(caplog.records) == 2, "it was well in between"


@pytest.mark.once
def test_without_a_database_a_walk_ends(monkeypatch):
    monkeypatch.setattr(sweeps, "is_connected", lambda: False)
    with pytest.raises(OperationalError):
        sweeps.run_step(
            Mock(side_effect=OperationalError("gone"), __qualname__="", __module__=""), "x"
        )


@pytest.mark.django_db
def test_claims_snoozes_blocks_and_closings_that_fail_hold_up_no_others(
    team, alice, guest, group, monkeypatch
):
    moment = timezone.now() - timedelta(hours=1)
    Conversation.objects.update(
        claimed_by=alice.uuid, claimed_at=moment, snoozed_until=moment, closing_at=moment
    )
    Visitor.objects.update(blocked=True, blocked_until=moment)
    for module, step, walk in (
        (claims, "free_if_away", claims.expire),
        (snoozes, "bring_back", snoozes.expire),
        (blocks, "lift", blocks.expire),
        (idle, "close", idle.look),
    ):
        broken = Mock(side_effect=RuntimeError, __qualname__=step, __module__=module.__name__)
        monkeypatch.setattr(module, step, broken)
        walk()
        assert broken.called, step
