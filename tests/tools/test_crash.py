"""What bin/crash is asked for, and what it finds wrong with webhooks."""

from dataclasses import replace

import pytest

from crash import hooks, options
from crash.hooks import Told

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


def test_all_is_everything_beside_the_pages_and_goes_with_faults_on_one_host(capsys):
    asked = options.read(["--all"])
    assert asked.assistant and asked.channels and asked.push and asked.webhooks
    for more in (["--soak", "1"], ["--hosts", "2", "--database", "mysql"]):
        with pytest.raises(SystemExit):
            options.read(["--all", *more])
        assert "--all goes with one host and faults" in capsys.readouterr().err
