"""create_enterprise, create_member, demo: what they make, print and refuse."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Enterprise, Member, Team, TeamMember
from tests.conftest import PASSWORD, hire

pytestmark = pytest.mark.django_db
DEMO = ["admin", "manager", "alice", "bob", "carol"]


@pytest.fixture
def run(capsys):
    """A function: runs a command line, returns what was printed."""

    def run_command(*line):
        call_command(*line)
        return capsys.readouterr().out

    return run_command


def test_an_enterprise_comes_with_its_default_team(run):
    assert "/chat/acme/" in run("create_enterprise", "acme", "--name", "Acme 公司")
    enterprise = Enterprise.objects.get(code="acme")
    assert enterprise.name == "Acme 公司"
    assert enterprise.teams.get().slug == "service"


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("acme", "Again", "code"),
        ("Acme", "Upper case", "code"),
        ("a/b", "Slash", "code"),
        ("-a", "Dash", "code"),
        ("", "Empty", "code"),
        ("公司", "Chinese", "code"),
        ("x" * 101, "Long", "code"),
        ("fine", "", "name"),
        ("fine", "x" * 126, "name"),
    ],
)
def test_a_bad_enterprise_is_refused_by_field(run, enterprise, code, name, field):
    with pytest.raises(CommandError, match=f"^{field}: "):
        run("create_enterprise", "--name", name, "--", code)
    assert Enterprise.objects.count() == 1


def test_a_member_has_a_place_and_a_printed_password(run, enterprise):
    out = run("create_member", "Nina", "--enterprise", "acme", "--role", "agent")
    member = Member.objects.get(name="nina")
    password = re.search(r"sign-in: (\S+)", out).group(1)
    assert member.check_password(password)
    assert member.must_change_password
    assert member.role == Member.Role.AGENT
    assert member.places.get().team.slug == "service"


def test_an_explicit_password_is_taken_as_it_is_and_not_printed(run, enterprise):
    line = ["--enterprise", "acme", "--role", "manager", "--nickname", "妮娜"]
    line += ["--password", "demo-password-1"]
    out = run("create_member", "nina", *line, "--team", "vip")
    member = Member.objects.get(name="nina")
    assert member.check_password("demo-password-1")
    assert not member.must_change_password
    assert member.is_manager
    assert member.nickname == "妮娜"
    assert member.places.get().team.slug == "vip"
    assert "assword" not in out


def test_a_guessable_password_of_eight_characters_is_taken_with_a_warning(run, enterprise):
    line = ["--enterprise", "acme", "--role", "agent", "--password", "12345678"]
    assert run("create_member", "nina", *line).count("warning: the password is weak") == 2
    assert Member.objects.get(name="nina").check_password("12345678")


def test_the_demo_takes_any_password_and_warns_of_a_weak_one(run):
    assert "warning: the demo's password is weak" in run("demo", "--password", "a")
    assert Member.objects.get(name="alice").check_password("a")
    assert "warning" not in run("demo", "--password", PASSWORD)


@pytest.mark.parametrize(
    ("account", "more"),
    [
        ("alice", []),
        ("ALICE", []),
        ("a b", []),
        ("", []),
        ("x" * 126, []),
        ("nina", ["--enterprise", "nowhere"]),
        ("nina", ["--role", "owner"]),
        ("nina", ["--password", ""]),
        ("nina", ["--password", "seven77"]),
        ("nina", ["--team", "Not A Slug"]),
        ("nina", ["--nickname", "x" * 51]),
    ],
)
def test_a_bad_member_is_refused_and_nothing_is_stored(run, alice, account, more):
    line = ["--enterprise", "acme", "--role", "agent", *more, "--", account]
    with pytest.raises(CommandError):
        run("create_member", *line)
    assert Member.objects.count() == 1
    assert alice.enterprise.teams.count() == 1
    assert TeamMember.objects.count() == 1


def test_the_demo_prints_random_passwords_once(run):
    first = run("demo")
    assert "shown once, note them" in first.splitlines()[0]
    printed = dict(re.findall(r"^  \w+ +(\w+) +(\S+-\S+)$", first, re.MULTILINE))
    assert sorted(printed) == sorted(DEMO)
    for name, password in printed.items():
        member = Member.objects.get(name=name)
        assert member.check_password(password)
        assert not member.must_change_password
    assert Member.objects.get(name="admin").is_superuser
    assert Member.objects.get(name="manager").is_manager
    team = Enterprise.objects.get(code="demo").teams.get()
    assert {member.name for member in team.members.all()} == {"alice", "bob", "carol"}
    before = list(Member.objects.order_by("id").values())
    second = run("demo")
    assert second.count("left as it is") == 5
    assert "shown once" not in second
    assert list(Member.objects.order_by("id").values()) == before


def test_the_demo_with_a_password_sets_it_for_everyone(run):
    run("demo")
    out = run("demo", "--password", PASSWORD)
    assert out.count(PASSWORD) == 5
    for name in DEMO:
        assert Member.objects.get(name=name).check_password(PASSWORD)
    # A start of bin/serve runs this each time: sessions must live through it.
    before = list(Member.objects.order_by("id").values())
    run("demo", "--password", PASSWORD)
    assert list(Member.objects.order_by("id").values()) == before


def test_the_demo_leaves_what_somebody_changed(run):
    run("demo")
    Member.objects.filter(name="bob").delete()
    Member.objects.filter(name="alice").update(nickname="Alice Li")
    Enterprise.objects.update(name="Ours")
    assert run("demo").count("left as it is") == 4
    assert Member.objects.get(name="bob").places.count() == 1
    assert Member.objects.get(name="alice").nickname == "Alice Li"
    assert Enterprise.objects.get().name == "Ours"


@pytest.mark.parametrize("arguments", [[], ["--password", PASSWORD]])
def test_the_demo_touches_nobody_elses_account(run, enterprise, arguments):
    bob = hire("bob", enterprise)
    with pytest.raises(CommandError, match="bob"):
        run("demo", *arguments)
    bob.refresh_from_db()
    assert bob.enterprise == enterprise
    assert Enterprise.objects.count() == 1


def test_createsuperuser_works_with_these_members(run, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    run("createsuperuser", "--noinput", "--name", "Chief")
    chief = Member.objects.get(name="chief")
    assert chief.is_superuser
    assert chief.check_password(PASSWORD)
    with pytest.raises(CommandError):
        run("createsuperuser", "--noinput", "--name", "CHIEF")


def test_the_default_team_is_named_in_the_language_that_is_asked_for(run):
    run("create_enterprise", "acme", "--name", "某某公司", "--language", "zh-hans")
    run("create_enterprise", "globex", "--name", "Globex")
    names = Team.objects.order_by("id").values_list("name", flat=True)
    assert list(names) == ["在线客服", "Customer service"]
    with pytest.raises(CommandError):
        run("create_enterprise", "umbrella", "--name", "Umbrella", "--language", "tlh")
