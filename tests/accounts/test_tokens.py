"""Access tokens: made once, stored as digests, read from a header, ended."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import mails, setup, signals, tokens
from accounts.models import AccessToken, AuditRow, Enterprise, Member, TeamMember
from chat.assistant import assistants
from tests.conftest import PASSWORD, hire, stored

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"kefu_[\w-]{43}\Z", re.ASCII)


@pytest.fixture
def issued(enterprise):
    """A token of the service account crm@acme, and its text."""
    token = AccessToken(
        member=tokens.service_account(enterprise, "crm"), name="crm", scopes=["messages:read"]
    )
    return token, tokens.issue(token)


@pytest.fixture
def run(capsys):
    def run_command(*line):
        call_command(*line)
        return capsys.readouterr().out.splitlines()

    return run_command


def bearer(text: str) -> str:
    return f"Bearer {text}"


def test_a_token_is_stored_as_a_digest_only(issued):
    token, text = issued
    assert TOKEN.match(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_token")
        assert text.removeprefix("kefu_") not in str(cursor.fetchall())
    assert tokens.read(bearer(text)).pk == token.pk


def test_the_header_names_the_member_and_the_scopes(issued, enterprise):
    token = tokens.read(f"bearer  {issued[1]} ")
    assert token.member.name == "crm@acme" and token.member.enterprise == enterprise
    assert token.member.role == Member.Role.SERVICE and token.scopes == ["messages:read"]


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer ", "Basic {}", "Token {}", "{}", "Bearer {}x", "Bearer x{}"),
        *("Bearer {} {}", "Bearer \ud800", "Bearer \x00", "Bearer " + "x" * 100_000, "é {}"),
    ],
)
def test_any_other_header_opens_nothing(issued, header):
    assert tokens.read(header and header.replace("{}", issued[1])) is None


def test_whatever_is_wrong_costs_one_look_into_the_same_index(issued):
    for header in (None, "Basic x", bearer("kefu_x"), bearer(issued[1])[:-1]):
        with CaptureQueriesContext(connection) as asked:
            assert tokens.read(header) is None
        assert len(asked) == 1 and "digest" in asked[0]["sql"]


def test_its_last_use_is_noted_once_a_minute(issued):
    token, text = issued
    for _again in range(3):
        tokens.read(bearer(text))
    token.refresh_from_db()
    first = token.last_used_at
    with CaptureQueriesContext(connection) as asked:
        tokens.read(bearer(text))
    assert len(asked) == 1
    AccessToken.objects.update(last_used_at=first - timedelta(seconds=61))
    tokens.read(bearer(text))
    assert first <= stored(token).last_used_at <= timezone.now()


def disable_account(token):
    Member.objects.filter(pk=token.member_id).update(status=Member.Status.CLOSED)


def close_enterprise(token):
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)


def make_a_person(token):
    Member.objects.filter(pk=token.member_id).update(role=Member.Role.AGENT)


def let_expire(token):
    AccessToken.objects.update(expires_at=timezone.now())


@pytest.mark.parametrize(
    "how", [disable_account, close_enterprise, make_a_person, let_expire, tokens.end]
)
def test_it_opens_nothing_any_more(issued, how):
    token, text = issued
    assert tokens.valid_among({token.pk, 0}) == {token.pk}
    how(token)
    assert tokens.read(bearer(text)) is None
    assert tokens.valid_among({token.pk, 0}) == set()


def test_ending_it_is_told_once(issued):
    told = []

    def listen(token, **kwargs):
        told.append(token.pk)

    signals.token_ended.connect(listen)
    tokens.end(issued[0])
    tokens.end(issued[0])
    signals.token_ended.disconnect(listen)
    assert told == [issued[0].pk]


def test_the_former_token_is_good_until_the_given_time(issued):
    token, text = issued
    until = timezone.now() + timedelta(hours=24)
    fresh, other = tokens.rotate(token, until, None)
    assert (fresh.member, fresh.name, fresh.scopes) == (token.member, token.name, token.scopes)
    assert tokens.read(bearer(text)) and tokens.read(bearer(other))
    assert token.expires_at == until
    tokens.rotate(fresh, timezone.now(), None)
    assert tokens.read(bearer(other)) is None
    tokens.rotate(token, until + timedelta(days=9), None)
    assert stored(token).expires_at == until, "its own end is the sooner one"


def test_the_command_prints_the_token_as_its_last_line(run, enterprise):
    lines = run("create_token", "crm", "--enterprise", "acme", "--days", "30")
    assert TOKEN.match(lines[-1])
    token = tokens.read(bearer(lines[-1]))
    assert token.member.name == "crm@acme" and token.scopes == tokens.SCOPES
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert not token.member.places.exists()
    scoped = ("--scope", "reports:read", "--scope", "messages:read")
    again = run("create_token", "crm", "--enterprise", "acme", *scoped)[-1]
    assert tokens.read(bearer(again)).scopes == ["messages:read", "reports:read"]
    assert tokens.read(bearer(again)).member == token.member


def test_the_command_makes_a_bot_in_its_team(run, enterprise):
    text = run("create_token", "helper", "--enterprise", "acme", "--bot")[-1]
    member, scopes = tokens.read(bearer(text)).member, tokens.read(bearer(text)).scopes
    assert {*tokens.SCOPES} - {*scopes} == {"knowledge:internal"}, "what it reads it may repeat"
    assert member.role == Member.Role.BOT and member.display_name == "helper"
    assert member.places.get().team.slug == "service"
    setup.find_or_create_team(enterprise, "sales")
    named = ("--team", "sales", "--scope", "knowledge:internal")
    text = run("create_token", "helper", "--enterprise", "acme", "--bot", *named)[-1]
    assert tokens.read(bearer(text)).scopes == ["knowledge:internal"]
    assert TeamMember.objects.filter(member=member).count() == 2


def test_the_command_says_which_team_a_bot_may_have_where_there_is_no_default(run, enterprise):
    enterprise.teams.update(slug="sales")
    setup.find_or_create_team(enterprise, "tea")
    with pytest.raises(CommandError, match=r"no team 'service' in acme.* --team: sales, tea"):
        run("create_token", "helper", "--enterprise", "acme", "--bot")
    assert not AccessToken.objects.exists()
    enterprise.teams.all().delete()
    with pytest.raises(CommandError, match=r"manage.py team SLUG --enterprise acme"):
        run("create_token", "helper", "--enterprise", "acme", "--bot")


@pytest.mark.parametrize(
    "line",
    [
        ("crm", "--enterprise", "nowhere"),
        ("crm", "--enterprise", "acme", "--team", "service"),
        ("crm", "--enterprise", "acme", "--bot", "--team", "nowhere"),
        ("crm", "--enterprise", "acme", "--scope", "everything"),
        ("crm", "--enterprise", "acme", "--days", "0"),
        ("crm", "--enterprise", "acme", "--days", "99999"),
        ("a@b", "--enterprise", "acme"),
        ("a b", "--enterprise", "acme"),
        ("x" * 61, "--enterprise", "acme"),
        ("helper", "--enterprise", "acme"),
        ("assistant", "--enterprise", "acme", "--bot"),
    ],
)
def test_the_command_refuses(run, enterprise, line):
    assistants.make(enterprise)
    run("create_token", "helper", "--enterprise", "acme", "--bot")
    with pytest.raises(CommandError):
        run("create_token", *line)
    assert AccessToken.objects.count() == 1


def test_the_command_ends_every_token_of_the_name_in_its_enterprise(
    run, issued, enterprise, other_enterprise
):
    run("create_token", "crm", "--enterprise", "acme")
    others = [run("create_token", "crm", "--enterprise", "umbrella")[-1]]
    others.append(run("create_token", "CRM", "--enterprise", "acme")[-1])
    ended = run("revoke_token", "crm", "--enterprise", "acme")
    assert len(ended) == 2 and all("crm@acme" in line for line in ended)
    assert tokens.read(bearer(issued[1])) is None
    assert all(tokens.read(bearer(text)) for text in others)
    rows = AuditRow.objects.filter(source="manage.py revoke_token", action="changed")
    assert [row.object_name for row in rows] == ["crm@acme"] * 2
    (again,) = run("revoke_token", "crm", "--enterprise", "acme")
    assert "had ended already" in again and rows.count() == 2
    with pytest.raises(CommandError, match="no enterprise 'nowhere'"):
        run("revoke_token", "crm", "--enterprise", "nowhere")
    with pytest.raises(CommandError, match=r"no token 'x' in acme. Those not ended: CRM\."):
        run("revoke_token", "x", "--enterprise", "acme")


def test_programs_cannot_sign_in(issued, browser_of, client, rf):
    member = issued[0].member
    member.set_password(PASSWORD)
    member.email = "crm@example.com"
    member.save()
    answer = client.post("/agent/login/", {"username": "crm@acme", "password": PASSWORD})
    assert answer.status_code == 200
    request = rf.post("/agent/login/")
    assert authenticate(request, username="crm@acme", password=PASSWORD) is None
    assert browser_of(member).get("/agent/").status_code == 403, "no session either"


def test_no_password_link_is_mailed_to_programs(issued, mailoutbox, rf):
    member = issued[0].member
    member.email = "crm@example.com"
    member.save()
    mails.send_reset_links("crm@example.com", rf.get("/"))
    mails.background.submit(int).result()
    assert not mailoutbox


def test_a_service_account_has_no_place_in_a_team(issued, team):
    with pytest.raises(ValidationError):
        setup.join_team(issued[0].member, team)


def test_a_persons_account_is_not_taken_over(enterprise):
    hire("crm@acme", enterprise)
    with pytest.raises(ValidationError):
        tokens.service_account(enterprise, "crm")
