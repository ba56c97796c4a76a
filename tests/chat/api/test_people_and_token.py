"""What a program finds out by itself: teams, members, and what its token is."""

import pytest

from accounts.models import Member, Team
from chat.presence import leases

from .program import bot_of, program_of

pytestmark = pytest.mark.django_db


def test_teams_are_listed_with_whether_somebody_is_there(program, enterprise, team, alice):
    Team.objects.create(enterprise=enterprise, slug="sales", name="Sales")
    rows = program.get("teams/").json()["teams"]
    assert rows == [
        {"team": team.slug, "name": team.name, "state": "offline"},
        {"team": "sales", "name": "Sales", "state": "offline"},
    ]
    leases.renew([alice.uuid], restart=True)
    assert program.get("teams/").json()["teams"][0]["state"] == "online"


def test_members_are_listed_with_what_actions_and_reports_take(program, alice, manager, outsider):
    found = {one["account"]: one for one in program.get("members/").json()["members"]}
    assert found.keys() == {"alice", "mona"}
    assert found["alice"] == {
        "member": alice.uuid,
        "account": "alice",
        "name": "小艾",
        "avatar": alice.avator,
        "online": False,
        "state": "offline",
        "teams": ["service"],
    }
    assert found["mona"]["teams"] == []


def test_disabled_members_analysts_and_programs_are_not_listed(program, bot, alice, bob, analyst):
    Member.objects.filter(pk=bob.pk).update(status=Member.Status.CLOSED)
    rows = program.get("members/").json()["members"]
    assert [one["member"] for one in rows] == [alice.uuid]


def test_a_bot_is_not_told_what_members_sign_in_with(bot, alice):
    (row,) = bot.get("members/").json()["members"]
    assert row["member"] == alice.uuid and "account" not in row


def test_a_token_tells_what_it_is(enterprise, team):
    program = program_of(enterprise, "messages:read")
    assert program.get("token/").json() == {
        "name": "crm",
        "member": program.member.uuid,
        "account": "crm@acme",
        "bot": False,
        "enterprise": "acme",
        "enterprise_name": "Acme",
        "scopes": ["messages:read"],
        "expires_at": None,
    }
    assert bot_of(team).get("token/").json()["bot"] is True
