"""Robots are set up on a page and by a command: their addresses are never shown again, and the
audit has what changed without them."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts import encryption
from accounts.forms import secrets
from accounts.models import AuditRow, Team
from chat.bulk.demo import robots as demo
from chat.conversations.causes import TOLD
from chat.models import PushDevice, Robot
from chat.notifications.robots import sending
from tests.accounts.audit.rows import newest
from tests.fakes.robots import SECRET

pytestmark = pytest.mark.django_db
PLACE = "/admin/notifications/"


def fields(fake, kind="slack", **more) -> dict:
    return {"name": "Duty", "causes": ["late", "rated"], "url": fake.url_of(kind), **more}


def test_a_manager_adds_tests_changes_switches_and_deletes_a_robot(browser_of, manager, fake, team):
    boss = browser_of(manager)
    boss.get(f"{PLACE}add/dingtalk/")
    page = boss.post(
        f"{PLACE}add/dingtalk/", fields(fake, "dingtalk", secret=SECRET, team=team.pk), follow=True
    ).content.decode()
    assert "The test message was taken" in page and "A test of Duty" in str(fake.got)
    robot = Robot.objects.get()
    assert (robot.kind, robot.team, robot.causes) == ("dingtalk", team, ["late", "rated"])
    assert newest(kind="robot", action="added").actor_name == "mona"
    own = f"{PLACE}{robot.pk}/"
    form = boss.get(own).content.decode()
    for text in (page, form):
        assert "t0ken" not in text and SECRET not in text and "secret-key-of" not in text
    stored = robot.sealed
    boss.post(own, fields(fake, url="", name="Night", quiet_from="22:00", quiet_to="07:00"))
    robot.refresh_from_db()
    assert (robot.name, robot.sealed, robot.team) == ("Night", stored, None)
    assert "22:00–07:00" in boss.get(PLACE).content.decode()
    boss.post(own, fields(fake, "dingtalk", secret="another"))
    assert '"hidden"' in newest(kind="robot", action="changed").details
    page = boss.get(PLACE).content.decode()
    assert "the signature is refused" in page.lower() and "t0ken" not in page
    page = boss.post(f"{own}act/", {"action": "off"}, follow=True).content.decode()
    assert "Duty is off." in page and "Switched off" in page
    boss.post(f"{own}act/", {"action": "test"})
    assert newest(kind="robot", action="used").details == '{"after": {"test": "sign"}}'
    assert "Delete Duty?" in boss.post(f"{own}act/", {"action": "delete"}).content.decode()
    boss.post(f"{own}act/", {"action": "delete", "sure": "1"})
    assert not Robot.objects.exists() and newest(kind="robot", action="deleted")
    told = "".join(row.details or "" for row in AuditRow.objects.filter(kind="robot"))
    assert "t0ken" not in told and SECRET not in told


def test_a_robot_whose_test_finds_nobody_does_not_work(browser_of, manager, fake):
    sent = fields(fake, url="http://127.0.0.1:9/services/1")
    page = browser_of(manager).post(f"{PLACE}add/slack/", sent, follow=True).content.decode()
    assert "Saved. Duty does not work" in page and "Works" not in page
    assert Robot.objects.get().failures == 1


REFUSED = {
    "another host": {"url": "https://x.example/services/1"},
    "no address": {"url": ""},
    "a long one": {"url": "https://hooks.slack.com/services/" + "x" * 1000},
    "no cause": {"causes": []},
    "a cause that is none": {"causes": ["waiting"]},
    "half of the quiet hours": {"quiet_from": "22:00"},
    "always quiet": {"quiet_from": "22:00", "quiet_to": "22:00"},
    "no time": {"quiet_from": "25:00", "quiet_to": "26:00"},
    "a long name": {"name": "x" * 61},
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_makes_no_robot_is_refused(browser_of, manager, fake, why):
    sent = fields(fake, **REFUSED[why])
    page = browser_of(manager).post(f"{PLACE}add/slack/", sent)
    assert page.status_code == 200 and "This was not saved" in page.content.decode()
    assert not Robot.objects.exists() and not fake.got


def test_all_that_is_wrong_is_said_at_once(browser_of, manager, fake):
    sent = fields(fake, url="https://x.example/services/1", quiet_from="22:00", name="x" * 61)
    page = browser_of(manager).post(f"{PLACE}add/slack/", sent).content.decode()
    for words in ("This is no address", "Give two times", "at most 60"):
        assert words in page, words


def test_no_two_robots_say_the_same_in_one_group(
    browser_of, manager, robot_of, fake, team, enterprise
):
    elsewhere = Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    robot_of(name="Duty", team=team, causes=["late"])
    boss = browser_of(manager)
    for same in ({}, {"team": team.pk}):
        page = boss.post(f"{PLACE}add/slack/", fields(fake, **same)).content.decode()
        assert "The robot Duty has this address" in page
    with pytest.raises(CommandError, match="The robot Duty has this address"):
        call_command("robot", "acme", "add", "slack", "--url", fake.url_of("slack"))
    boss.post(f"{PLACE}add/slack/", fields(fake, causes=["rated"], name="Other causes"))
    other = {"team": elsewhere.pk, "causes": ["late"], "name": "Another team"}
    boss.post(f"{PLACE}add/slack/", fields(fake, **other))
    robot = Robot.objects.get(name="Another team", team=elsewhere)
    page = boss.post(f"{PLACE}{robot.pk}/", fields(fake, url="")).content.decode()
    assert "The robot Duty has this address" in page and Robot.objects.count() == 3


def test_what_was_right_need_not_be_entered_again(browser_of, manager, fake):
    boss = browser_of(manager)
    page = boss.post(f"{PLACE}add/slack/", fields(fake, causes=[])).content.decode()
    assert "t0ken" not in page
    sent = fields(fake, url="", name="")
    sent["url-kept"] = page.partition('name="url-kept" value="')[2].partition('"')[0]
    for causes in (["late"], ["rated"]):
        boss.post(f"{PLACE}add/slack/", sent | {"causes": causes})
    assert [robot.name for robot in Robot.objects.order_by("pk")] == ["Slack", "Slack 2"]
    assert sending.secrets_of(Robot.objects.earliest("pk"))[0] == fake.url_of("slack")


def test_a_sealed_secret_counts_only_where_and_for_whom_it_was_sealed(
    browser_of, manager, superuser, fake, enterprise, monkeypatch
):
    """A model's key goes to the address beside it: no other sealed value may go there."""
    place = f"{PLACE}add/dingtalk/"
    sent = fields(fake, "dingtalk", secret=SECRET, causes=[])
    boss = browser_of(manager)

    def kept(browser, name, query=""):
        page = browser.post(place + query, sent).content.decode()
        return page.partition(f'name="{name}-kept" value="')[2].partition('"')[0]

    own = kept(boss, "url")
    foreign = (
        kept(browser_of(superuser), "url", f"?enterprise={enterprise.code}"),
        kept(boss, "secret"),
    )
    stored = encryption.seal(fake.url_of("dingtalk"))
    assert own and all(foreign)
    for one in (*foreign, stored, "x", "é"):
        boss.post(place, fields(fake, url="") | {"url-kept": one})
    with monkeypatch.context() as later:
        later.setattr(secrets, "LASTS", -1)
        boss.post(place, fields(fake, url="") | {"url-kept": own})
    assert not Robot.objects.exists() and not fake.got
    boss.post(place, fields(fake, url="") | {"url-kept": own})
    assert sending.secrets_of(Robot.objects.get())[0] == fake.url_of("dingtalk")


def test_a_team_of_others_and_another_platform_are_not_there(browser_of, manager, fake, other_team):
    boss = browser_of(manager)
    boss.post(f"{PLACE}add/slack/", fields(fake, team=other_team.pk))
    assert not Robot.objects.exists()
    assert boss.get(f"{PLACE}add/telegram/").status_code == 404


def test_the_page_shows_who_gets_what(browser_of, manager, robot_of, team, alice):
    robot_of(name="Duty <b>", causes=["leader"])
    robot_of("feishu", name="Night", active=False)
    team.mail_minutes = 7
    team.save()
    page = browser_of(manager).get(PLACE).content.decode()
    assert "after 7 minutes" in page and f"/admin/accounts/team/{team.pk}/change/" in page
    assert page.count("Duty &lt;b&gt;</a>") == 1 and page.count("Night (off)</a>") == len(TOLD) + 1
    assert "0 members" in page and not PushDevice.objects.exists()
    assert 'href="/admin/notifications/"' in browser_of(manager).get("/admin/").content.decode()


def test_the_command_does_the_same(enterprise, team, fake, capsys, monkeypatch):
    lines = f"{fake.url_of('feishu')}\n{SECRET}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    given = ["--url", "-", "--secret", "-", "--name", "Duty", "--team", team.slug]
    call_command("robot", "acme", "add", "feishu", *given, "--causes", "late,broken")
    robot = Robot.objects.get()
    assert sending.secrets_of(robot) == (fake.url_of("feishu"), SECRET)
    call_command("robot", "acme", "test", str(robot.pk))
    call_command("robot", "acme", "off", str(robot.pk))
    call_command("robot", "acme", "list")
    out = capsys.readouterr().out
    assert f"{robot.pk} feishu off team={team.slug} causes=late,broken name=Duty" in out
    assert "t0ken" not in out and "secret-key-of" not in out
    fake.says["feishu"] = (200, {"code": 19024, "msg": "Key Words Not Found"})
    for wrong in (
        ["acme", "add", "slack", "--url", "https://x.example/"],
        ["acme", "add", "slack", "--url", fake.url_of("slack"), "--causes", "x"],
        ["acme", "add", "slack", "--url", fake.url_of("slack"), "--team", "x"],
        ["acme", "test", str(robot.pk)],
        ["acme", "on", "999"],
        ["nowhere", "list"],
    ):
        with pytest.raises(CommandError):
            call_command("robot", *wrong)
    call_command("robot", "acme", "remove", str(robot.pk))
    assert (
        not Robot.objects.exists()
        and newest(kind="robot", action="deleted").source == "manage.py robot"
    )


def test_the_demo_has_a_robot_that_sends_nothing(enterprise):
    demo.store(enterprise.code)
    assert not Robot.objects.get().active
    Robot.objects.create(ent_id="acme", kind="slack", name="Imported", active=False)
    demo.remove(enterprise.code)
    assert Robot.objects.get().name == "Imported"
