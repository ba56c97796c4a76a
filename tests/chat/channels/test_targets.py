"""By mail an answer is due in hours."""

from datetime import timedelta

import pytest

from chat.conversations import targets
from chat.models import Channel, Conversation
from chat.overview import live, now, today
from chat.posting import batches
from chat.reading import standing
from tests.chat.helpers import draft_of

from .talks import write

pytestmark = pytest.mark.django_db


def test_mails_are_due_in_hours(talks, team, alice):
    moment = talks["page"].waiting_since
    due = {kind: talk.due_at - talk.waiting_since for kind, talk in talks.items()}
    short = timedelta(seconds=team.answer_seconds)
    assert due == {"page": short, "telegram": short, "mail": timedelta(hours=8)}
    assert standing.target_of(talks["mail"]) == 8 * 3600
    later = moment + timedelta(hours=5)
    levels = {
        one["channel"]: one["level"] for one in live.board(team.enterprise, later)["conversations"]
    }
    assert levels == {None: targets.LATE, "telegram": targets.LATE, "mail": targets.SOON}
    (found,) = now.waits(team.enterprise.code, [team], later).values()
    assert (found.n, found.late, found.soon) == (3, 2, 1)
    team.mail_answer_hours, team.mail_next_hours = 4, 24
    team.save()
    mail = Conversation.objects.get(channel="mail")
    assert mail.due_at - mail.waiting_since == timedelta(hours=4)
    batches.post(draft_of(alice, mail.uuid))
    write(Channel.objects.get(kind="mail"), "a@example.com", "and then?")
    mail.refresh_from_db()
    assert mail.due_at - mail.waiting_since == timedelta(hours=24)


def test_a_mail_is_in_time_by_its_own_limit(talks, team, alice, manager, monkeypatch):
    answers = timedelta(hours=1)
    moment = talks["page"].waiting_since + answers
    monkeypatch.setattr("chat.clock.now", lambda: moment)
    for kind in ("page", "mail"):
        batches.post(draft_of(alice, talks[kind].uuid))
    asked = today.ask(manager, None, talks["page"].waiting_since)
    day = today.count(asked)
    assert today.in_time(day.lines, [team]) == 0
    assert today.in_time(day.lines, [team], mails=day.mails) == 50
