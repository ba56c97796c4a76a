"""How a team routes: in the administration, and by the command `team`."""

import pytest
from django.core.management import CommandError, call_command

from accounts import setup
from accounts.models import Member, Team, Topic
from tests.accounts.admin.page import TEAMS, edit, errors_of, form_of, submit, submit_each
from tests.conftest import stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def vip(enterprise):
    return setup.find_or_create_team(enterprise, "vip", "VIP")


@pytest.fixture
def run(capsys):
    """A function: runs the command `team` in the enterprise acme, returns what it prints."""

    def run_command(slug, *line):
        call_command("team", slug, "--enterprise", "acme", *line)
        return capsys.readouterr().out

    return run_command


def test_a_team_says_how_long_its_bot_has_to_answer(run, team):
    assert "bot-seconds=30" in run("service")
    assert "bot-seconds=12" in run("service", "--bot-seconds", "12")
    assert stored(team).bot_seconds == 12
    for wrong in ("4", "601"):
        with pytest.raises(CommandError, match=r"5|600"):
            run("service", "--bot-seconds", wrong)


def test_the_command_changes_a_team_and_prints_its_settings(run, team, vip):
    line = run("service", "--routing", "assign", "--capacity", "2", "--overflow", "vip")
    assert line.count("\n") == 1
    for part in ("routing=assign", "capacity=2", "offer-seconds=30", "overflow=vip"):
        assert part in line
    team.refresh_from_db()
    assert (team.routing, team.capacity, team.overflow) == ("assign", 2, vip)


def test_the_command_leaves_what_is_not_given(run, team):
    run("service", "--routing", "offer", "--offer-seconds", "5", "--overflow-minutes", "1")
    line = run("service", "--name", "Desk")
    assert "name=Desk" in line and "routing=offer" in line and "offer-seconds=5" in line
    assert "overflow-minutes=1" in run("service")


def test_the_command_makes_a_team(run, enterprise):
    assert "name=sales" in run("sales")
    assert "name=Sales desk" in run("desk", "--name", "Sales desk", "--routing", "assign")
    assert enterprise.teams.get(slug="desk").routing == "assign"


def test_the_command_ends_an_overflow(run, team, vip):
    run("service", "--overflow", "vip")
    run("service", "--overflow", "")
    assert stored(team).overflow is None


@pytest.mark.parametrize(
    ("option", "good", "bad"),
    [
        ("capacity", (0, 10_000), (-1, 10_001)),
        ("offer-seconds", (5, 600), (4, 601)),
        ("overflow-minutes", (1, 1440), (0, 1441)),
    ],
)
def test_numbers_have_bounds(run, boss, team, option, good, bad):
    field = option.replace("-", "_")
    for number in good:
        assert f"{option}={number}" in run("service", f"--{option}", str(number))
    for number in bad:
        with pytest.raises(CommandError, match=field):
            run("service", f"--{option}={number}")
    unit = {f"{field}_unit": field.rpartition("_")[2]}
    for answer in submit_each(boss, edit(team), *({field: number, **unit} for number in bad)):
        assert list(errors_of(answer)) == [field]
    team.refresh_from_db()
    assert getattr(team, field) == good[-1]


def test_an_unknown_team_or_enterprise_is_named(run, team):
    with pytest.raises(CommandError, match="no team 'nowhere' in acme"):
        run("service", "--overflow", "nowhere")
    with pytest.raises(CommandError, match="no enterprise 'nobody'"):
        call_command("team", "service", "--enterprise", "nobody")
    with pytest.raises(CommandError, match="routing"):
        run("service", "--routing", "both")


def test_a_team_does_not_overflow_in_a_circle(run, boss, team, vip, enterprise):
    third = setup.find_or_create_team(enterprise, "third", "Third")
    with pytest.raises(CommandError, match="into itself"):
        run("service", "--overflow", "service")
    run("service", "--overflow", "vip")
    run("vip", "--overflow", "third")
    for command in (("third", "--overflow", "service"), ("vip", "--overflow", "service")):
        with pytest.raises(CommandError, match="in a circle"):
            run(*command)
    wrong = submit(boss, edit(third), overflow=team.pk)
    assert "circle" in errors_of(wrong)["overflow"][0]
    assert not Team.objects.filter(slug="third", overflow__isnull=False).exists()


def test_a_team_does_not_overflow_into_another_enterprise(boss, root, team, other_team):
    assert "overflow" in errors_of(submit(boss, edit(team), overflow=other_team.pk))
    wrong = submit(root, edit(team), overflow=other_team.pk)
    assert "another enterprise" in errors_of(wrong)["overflow"][0]
    assert stored(team).overflow is None


def test_a_manager_sets_the_routing_of_a_team(boss, team, vip):
    submit(boss, edit(team), routing="offer", capacity=0, overflow=vip.pk)
    team.refresh_from_db()
    assert (team.routing, team.capacity, team.overflow) == ("offer", 0, vip)
    assert submit(boss, f"{TEAMS}add/", slug="new", name="New").status_code == 302


def test_a_manager_says_what_a_member_can_take_and_knows(boss, team, alice):
    Topic.objects.create(team=team, label="Returns")
    submit(boss, edit(alice), capacity=2, languages="zh-hans", topics="Returns")
    alice.refresh_from_db()
    assert (alice.capacity, alice.languages, alice.topics) == (2, ["zh-hans"], ["Returns"])
    Topic.objects.update(label="Refunds")
    assert form_of(boss.get(edit(alice)))["topics"] == "Returns", "stays until it is taken away"
    submit(boss, edit(alice), capacity="", topics=None)
    alice.refresh_from_db()
    assert (alice.capacity, alice.topics) == (None, [])


def test_what_a_member_takes_has_bounds(boss, alice, other_team):
    Topic.objects.create(team=other_team, label="Foreign")
    for field, bad in (("capacity", 10_001), ("languages", "xx"), ("topics", "Foreign")):
        assert list(errors_of(submit(boss, edit(alice), **{field: bad}))) == [field]
    assert submit(boss, edit(alice), capacity=10_000).status_code == 302
    assert submit(boss, edit(alice), capacity=0).status_code == 302


def test_only_managers_say_that_they_take_conversations(browser_of, alice, manager):
    assert "takes_routed" not in browser_of(alice).get("/agent/profile/").content.decode()
    browser_of(alice).post("/agent/profile/", {"takes_routed": "on"})
    submit(browser_of(manager), "/agent/profile/", takes_routed="on")
    taking = Member.objects.filter(takes_routed=True)
    assert [one.name for one in taking] == ["mona"]
