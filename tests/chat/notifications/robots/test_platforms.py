"""What each platform is sent, and what its answers come to."""

import pytest

from chat.models import Robot
from chat.notifications.contract import Failed, Later
from chat.notifications.robots import failures, platforms, sending
from chat.notifications.robots.platforms import PLATFORMS, Message
from tests.fakes.robots import SECRET

pytestmark = pytest.mark.django_db
SHOUT = "<!channel> @all <at id=all></at> [x](y) **b**"
MESSAGE = Message("Kefu · <!here>", [SHOUT], "https://kefu.example/agent/c/1/", "Open")


@pytest.mark.parametrize("kind", PLATFORMS)
def test_each_platform_takes_its_form_and_nothing_in_it_calls_anybody(robot_of, fake, kind):
    robot = robot_of(kind, secret=SECRET)
    sending.attempt(robot, MESSAGE)
    ((_, body),) = fake.got
    text = str(body)
    assert MESSAGE.link in text and "Kefu" in text
    assert not any(mark in text for mark in ("<!", "<at", "@all", "[x]", "**b**"))
    assert ("sign" in body) == (kind == "feishu")
    robot.refresh_from_db()
    assert robot.sent_at and not robot.failure


WRONG = [
    ("feishu", (200, {"code": 19021, "msg": "sign match fail"}), failures.SIGN),
    ("feishu", (200, {"StatusCode": 0, "code": 19024, "msg": "Key Words"}), failures.KEYWORD),
    ("feishu", (200, {"code": 9499, "msg": "Bad Request"}), failures.REFUSED),
    ("feishu", (200, {"code": "0"}), failures.ANSWER),
    ("feishu", (200, {}), failures.ANSWER),
    ("feishu", (404, b"not found"), failures.KEY),
    ("dingtalk", (200, {"errcode": 310000, "errmsg": "keywords not in"}), failures.KEYWORD),
    ("dingtalk", (200, {"errcode": 310000, "errmsg": "sign not match"}), failures.SIGN),
    ("dingtalk", (200, {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in"}), failures.IP),
    ("dingtalk", (200, {"errcode": 300005, "errmsg": "token is not exist"}), failures.KEY),
    ("wecom", (200, {"errcode": 93000, "errmsg": "invalid webhook url"}), failures.KEY),
    ("wecom", (200, {"errcode": 40058, "errmsg": "t0ken-wecom is odd"}), failures.REFUSED),
    ("wecom", (200, b"<html>"), failures.ANSWER),
    ("wecom", (200, {"errmsg": "ok"}), failures.ANSWER),
    ("slack", (200, b"no_text"), failures.REFUSED),
    ("slack", (404, b"no_service"), failures.KEY),
    ("slack", (410, b"channel_is_archived"), failures.OFF),
    ("slack", (302, b"", {"Location": "https://x.example/"}), failures.REFUSED),
    ("teams", (200, b"Webhook message delivery failed with error: 400"), failures.REFUSED),
    ("teams", (401, b"{}"), failures.KEY),
]
PASSES = [
    ("feishu", (200, {"code": 11232, "msg": "frequency limited"}), failures.RATE, 60),
    ("feishu", (200, {"code": 9499, "msg": "too many request"}), failures.RATE, 60),
    ("dingtalk", (200, {"errcode": 130101, "errmsg": "send too fast"}), failures.RATE, 600),
    ("wecom", (200, {"errcode": 45009, "errmsg": "api freq out of limit"}), failures.RATE, 60),
    ("wecom", (200, {"errcode": -1, "errmsg": "system busy"}), failures.DOWN, 0),
    ("slack", (429, b"", {"Retry-After": "7"}), failures.RATE, 7),
    ("slack", (500, b"rollup_error"), failures.DOWN, 0),
    ("teams", (200, b"failed: endpoint returned HTTP error 429"), failures.RATE, 60),
    ("teams", (503, b""), failures.DOWN, 0),
]


@pytest.mark.parametrize(("kind", "said", "code"), WRONG)
def test_an_error_is_a_failure_also_inside_of_200(robot_of, fake, kind, said, code):
    robot, fake.says[kind] = robot_of(kind), said
    with pytest.raises(Failed) as error:
        sending.attempt(robot, MESSAGE)
    robot.refresh_from_db()
    assert robot.failure == error.value.reason and robot.failure.split(" ")[0] == code
    assert robot.failures == 1 and robot.failed_at and not robot.sent_at
    assert "t0ken" not in robot.failure and failures.words(robot.failure)


@pytest.mark.parametrize(("kind", "said", "code", "seconds"), PASSES)
def test_what_passes_by_itself_is_tried_later(robot_of, fake, kind, said, code, seconds):
    robot, fake.says[kind] = robot_of(kind), said
    with pytest.raises(Later) as error:
        sending.attempt(robot, MESSAGE)
    assert (error.value.reason.split(" ")[0], error.value.seconds) == (code, seconds)
    assert not Robot.objects.get().failure


def test_nobody_and_who_is_slow_is_tried_later(robot_of, fake, monkeypatch):
    robot = robot_of()
    fake.delay = 60
    monkeypatch.setattr(sending, "TIMEOUT", 0.05)
    with pytest.raises(Later, match=failures.LATE):
        sending.attempt(robot, MESSAGE)
    fake.close()
    monkeypatch.setattr(sending, "TIMEOUT", 5)
    with pytest.raises(Later, match=failures.UNREACHABLE):
        sending.attempt(robot, MESSAGE)


LEADS = [
    ("slack", "https://hooks.slack.com/services/T/B/x", True),
    ("slack", "https://hooks.slack.com./services/T/B/x", True),
    ("slack", "http://hooks.slack.com/services/T/B/x", False),
    ("slack", "https://hooks.slack.com:444/services/T/B/x", False),
    ("slack", "https://hooks.slack.com/workflows/T/B/x", False),
    ("slack", "https://hooks.slack.com.evil.example/services/T", False),
    ("slack", "https://hooks.slack.com@evil.example/services/T", False),
    ("slack", "https://oapi.dingtalk.com/robot/send?access_token=x", False),
    ("slack", "https://203.0.113.7/services/x", False),
    ("slack", "http://127.0.0.1:1/x", False),
    ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=x", True),
    ("dingtalk", "https://oapi.dingtalk.com/robot/send", False),
    ("feishu", "https://open.larksuite.com/open-apis/bot/v2/hook/x", True),
    ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", True),
    ("teams", "https://a.b.environment.api.powerplatform.com/powerautomate/x", True),
    ("teams", "https://api.powerplatform.com/x", False),
    ("teams", "https://prod-1.westus.logic.azure.com:443/workflows/x", True),
]


@pytest.mark.parametrize(("kind", "url", "may"), LEADS)
def test_only_hosts_of_the_platform_are_sent_to(settings, kind, url, may):
    settings.PUSH_ALLOW = []
    assert sending.may_lead(kind, url) == may
    settings.PUSH_ALLOW = ["127.0.0.0/8"]
    assert sending.may_lead(kind, url) == (may or "127.0.0.1" in url)


def test_an_address_of_before_is_looked_at_again(robot_of, fake, settings):
    robot = robot_of()
    settings.PUSH_ALLOW = []
    with pytest.raises(Failed, match=failures.ADDRESS):
        sending.attempt(robot, MESSAGE)
    robot.sealed = "stored under another key"
    with pytest.raises(Failed, match=failures.SEALED):
        sending.attempt(robot, MESSAGE)
    assert not fake.got


def test_all_codes_have_words():
    used = {*platforms.FEISHU.values(), *platforms.DINGTALK.values(), *platforms.WECOM.values()}
    assert used <= failures.WORDS.keys()


def test_a_name_that_is_not_found_passes(fake):
    with pytest.raises(Later, match=failures.UNREACHABLE):
        sending.post("slack", "https://hooks.slack.com/services/T/B/x", "", MESSAGE)
