"""What robots hear of, once each, and what they say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Enterprise, Team
from chat.assistant import assistants, ending
from chat.channels import health
from chat.channels.contract import Failed
from chat.conversations import causes, changes
from chat.models import (
    AssistantTask,
    Channel,
    Conversation,
    Notification,
    NotificationDelivery,
    Robot,
    Visitor,
)
from chat.notifications import deliveries
from chat.overview import decisions
from chat.posting import batches
from chat.protocol.notices import Notice
from chat.stream.types import TYPES
from chat.webhooks import deliveries as webhooks
from chat.webhooks import hooks, recovery
from chat.webhooks.sender import Outcome
from kefu.doctor import tables
from tests.chat.helpers import draft_of

pytestmark = pytest.mark.django_db
WORDS = "Call me at +44 20 7946 0958 or <!channel> a@x.example"


@pytest.fixture(autouse=True)
def on_this_thread(monkeypatch):
    monkeypatch.setattr(deliveries.WORKERS, "submit", lambda _closing, work, *args: work(*args))


@pytest.fixture
def group(guest, robot_of):
    return batches.post(guest.draft(WORDS))["group"]


def look(later: timedelta = timedelta(0)) -> None:
    """What a process does within some seconds, at once."""
    for model in (Notification, NotificationDelivery):
        for row in model.objects.exclude(due_at=None):
            model.objects.filter(pk=row.pk).update(due_at=row.due_at - later)
    for _ in range(3):
        deliveries.look(lambda: None)


def texts_of(fake) -> list[str]:
    return [body.get("text") or str(body) for _kind, body in fake.got]


def pass_target(group: str) -> None:
    Conversation.objects.filter(uuid=group).update(due_at=timezone.now() - timedelta(seconds=5))


def notice(group: str, kind: str, **facts) -> None:
    with changes.begin() as change:
        change.lock_one(group).notice(kind, **facts)


BOT = {"by": "", "by_name": "", "bot": "", "bot_name": "B"}


def test_a_wait_past_the_target_is_said_once(robot_of, fake, group, guest, alice):
    robot_of()
    look()
    assert not fake.got
    pass_target(group)
    look()
    look()
    (text,) = texts_of(fake)
    assert (
        "Kefu · A visitor has waited past the target" in text and "Team: Customer service" in text
    )
    assert f"<https://kefu.example/agent/c/{group}/|Open the conversation>" in text
    assert "Call me" not in text and "Visitor" not in text
    batches.post(draft_of(alice, group, "Here I am"))
    batches.post(guest.draft("One more"))
    pass_target(group)
    look()
    assert len(fake.got) == 2


SAID = [
    (Notice.HANDED_OVER, {"why": "visitor", **BOT}, "A visitor asks for a person"),
    (Notice.HANDED_OVER, {"why": "silent", **BOT}, "The bot hands a visitor over"),
    (Notice.HANDED_OVER, {"why": "member", **BOT}, ""),
    (Notice.OVERDUE, {"minutes": 10, "leaders": []}, "nobody has answered for 10 minutes"),
    (Notice.RATED, {"score": 2, "comment": "so rude"}, "A visitor has rated 2 of 5"),
    (Notice.RATED, {"score": 3, "comment": ""}, ""),
    (Notice.NO_ANSWER, {"minutes": 15}, ""),
]


@pytest.mark.parametrize(("kind", "facts", "said"), SAID)
def test_notices_that_robots_say(robot_of, fake, group, kind, facts, said):
    robot_of()
    notice(group, kind, **facts)
    look()
    look()
    assert len(fake.got) == bool(said) and said in "".join(texts_of(fake))
    assert "so rude" not in "".join(texts_of(fake))


def test_a_rating_that_is_changed_is_said_once(robot_of, fake, group):
    robot_of()
    for score in (1, 2):
        notice(group, Notice.RATED, score=score, comment="")
        look()
    assert len(fake.got) == 1


def test_who_hears_of_it(robot_of, fake, group, team, enterprise, other_enterprise):
    elsewhere = Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    robot_of("feishu", team=team)
    robot_of("wecom", team=elsewhere)
    robot_of("slack", causes=["rated"])
    robot_of("teams", active=False)
    Robot.objects.filter(pk=robot_of("dingtalk").pk).update(ent_id=other_enterprise.code)
    causes.look()
    pass_target(group)
    look()
    assert [kind for kind, _body in fake.got] == ["feishu"]


def test_quiet_hours_are_not_made_up_for(robot_of, fake, group):
    now = timezone.now()
    begin, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    robot = robot_of(quiet_from=begin, quiet_to=end)
    pass_target(group)
    look()
    Robot.objects.filter(pk=robot.pk).update(quiet_from=None, quiet_to=None)
    look(timedelta(hours=1))
    assert not fake.got


def test_a_visitors_words_are_masked_cut_and_only_said_where_that_is_wanted(
    robot_of, fake, group, guest
):
    Visitor.objects.update(label="li@x.example")
    robot_of(with_words=True)
    pass_target(group)
    look()
    text = texts_of(fake)[0].partition("\n<")[0]
    assert "Visitor: l…＠…" in text and "“Call me at +" not in text
    assert "&lt;！channel&gt;" in text and "7946" not in text and "x.example" not in text
    batches.post(guest.draft("y" * 300))
    notice(group, Notice.OVERDUE, minutes=10, leaders=[])
    look()
    assert f"“{'y' * 199}…”" in texts_of(fake)[1]
    Conversation.objects.update(quarantined_since=timezone.now())
    notice(group, Notice.RATED, score=1, comment="")
    look()
    assert "Visitor" not in texts_of(fake)[2]


GONE = {
    "answered": lambda: Conversation.objects.update(waiting_since=None),
    "blocked": lambda: Visitor.objects.update(blocked=True),
    "closed": lambda: Enterprise.objects.update(status=Enterprise.Status.CLOSED),
    "off": lambda: Robot.objects.update(active=False),
}


@pytest.mark.parametrize(("kind", "facts", "said"), [SAID[0], SAID[3]])
def test_who_was_answered_since_is_not_called_for(
    robot_of, fake, group, guest, alice, kind, facts, said
):
    fake.says["slack"] = (503, b"")
    robot_of()
    notice(group, kind, **facts)
    look()
    batches.post(draft_of(alice, group, "Here I am"))
    batches.post(guest.draft("Another thing"))
    fake.says.clear()
    look(timedelta(seconds=10))
    assert len(fake.got) == 1


@pytest.mark.parametrize("how", GONE)
def test_nothing_is_sent_of_what_is_over_by_then(robot_of, fake, group, how):
    fake.says["slack"] = (503, b"")
    robot_of()
    pass_target(group)
    look()
    assert len(fake.got) == 1
    GONE[how]()
    fake.says.clear()
    look(timedelta(seconds=10))
    assert len(fake.got) == 1


def test_a_channel_that_stays_broken_is_said_to_its_team(robot_of, fake, team, enterprise):
    elsewhere = Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    for kind, of in (("slack", None), ("feishu", team), ("wecom", elsewhere)):
        robot_of(kind, team=of)
    channel = Channel.objects.create(ent_id="acme", kind="mail", name="Box", team=team)
    health.fails(channel, Failed("535"), timezone.now())
    look()
    assert not fake.got
    look(causes.STEADY)
    assert {kind for kind, _body in fake.got} == {"slack", "feishu"}
    assert all("The channel Box does not work" in text for text in texts_of(fake))
    health.works(channel)
    health.fails(channel, Failed("late"), timezone.now())
    health.works(channel)
    look(causes.STEADY)
    assert len(fake.got) == 2


def test_a_channel_is_said_once_in_an_outage(robot_of, fake, team):
    """Several threads find it, and it comes back for a moment."""
    robot_of()
    made = Channel.objects.create(ent_id="acme", kind="mail", name="Box", team=team)
    first, second = (Channel.objects.get(pk=made.pk) for _ in range(2))
    health.fails(first, Failed("535"), timezone.now())
    health.fails(second, Failed("late"), timezone.now())
    assert Notification.objects.count() == 1
    health.works(first)
    health.fails(first, Failed("535"), timezone.now())
    look(causes.STEADY)
    assert len(fake.got) == 1


def test_a_webhook_and_a_model_that_fail_are_said_once_a_day(robot_of, fake, team, enterprise):
    robot_of("slack")
    robot_of("feishu", team=team)
    hook = hooks.create(enterprise, "https://crm.example/secret-path", TYPES)
    for _ in range(2):
        webhooks.broken.send(type(hook), hook=hook, since="2026-11-30")
    assistants.make(enterprise)
    for _ in range(4):
        task = AssistantTask.objects.create(ent_id="acme", kind="trial")
        ending.store(task, "handed_over", "endpoint")
    look(causes.STEADY)
    assert len(fake.got) == 2
    text = "".join(texts_of(fake))
    assert "Events could not be delivered to crm.example*\n" in text and "secret-path" not in text
    assert "The assistant's model does not answer" in text


def test_a_model_that_answers_in_between_is_not_broken(robot_of, fake, enterprise):
    robot_of()
    for state, cause in [("handed_over", "late")] * 2 + [("answered", ""), ("handed_over", "late")]:
        task = AssistantTask.objects.create(ent_id="acme", kind="trial")
        ending.store(task, state, cause)
    assert not Notification.objects.exists()


def test_what_a_webhook_parks_is_noted_with_it(robot_of, enterprise):
    robot_of()
    hook = hooks.create(enterprise, "https://crm.example/x", TYPES)
    for status in (500, 410):
        one = webhooks.send_test(hook)
        one.tries, one.lease = len(webhooks.DELAYS), "mine"
        one.save()
        letter = webhooks.Letter(one.pk, hook.pk, "mine", hook.url, {}, b"")
        recovery.settle("x", letter, Outcome(0.1, status=status))
    parked, off = Notification.objects.order_by("pk")
    assert parked.facts == off.facts == {"what": "webhook", "key": hook.pk}
    assert parked.team_id is None and parked.cause != off.cause


def test_it_is_said_in_the_language_of_the_enterprise_without_a_link_to_nowhere(
    robot_of, fake, group, settings
):
    settings.PUBLIC_URL = ""
    Enterprise.objects.update(text_language="zh-hans", zone="Asia/Shanghai")
    robot_of()
    pass_target(group)
    look()
    (text,) = texts_of(fake)
    assert "访客等待已超过时限" in text and "/agent/c/" not in text


def test_a_robot_that_fails_for_a_day_is_shown_to_managers_and_in_the_doctor(
    robot_of, fake, group, enterprise
):
    robot = robot_of()
    fake.says["slack"] = (404, b"no_service")
    for minutes in (10, 20, 30):
        notice(group, Notice.OVERDUE, minutes=minutes, leaders=[])
        look()
    robot.refresh_from_db()
    assert robot.failures == 3 and not list(tables.robots())
    Robot.objects.update(failed_at=timezone.now() - timedelta(days=1))
    assert "does not know this address" in next(tables.robots()).what
    assert "robot" in [one.key for one in decisions.decisions(enterprise, 0, "")]
    fake.says.clear()
    notice(group, Notice.RATED, score=1, comment="")
    look()
    robot.refresh_from_db()
    assert (robot.failure, robot.failed_at, robot.failures) == ("", None, 0)


def test_a_robot_that_was_unreachable_to_the_end_has_failed_once(robot_of, fake, group):
    robot = robot_of()
    fake.says["slack"] = (500, b"")
    notice(group, Notice.RATED, score=1, comment="")
    for _ in range(10):
        look(timedelta(hours=1))
    robot.refresh_from_db()
    assert robot.failure == "down HTTP 500" and robot.failures == 1
    assert len(fake.got) == len(deliveries.DELAYS) + 1
