"""Who may see which reports, what is refused, and the exact shape of the answers."""

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import rights
from accounts.models import Member
from accounts.setup import find_or_create_team, join_team
from chat.posting import batches
from chat.reports.figures import METRICS
from tests.chat.helpers import JSON, draft_of, new_guest
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

REPORTS, ROWS = "/admin/reports/", "/admin/reports/rows/"
FIGURES = {
    *("receptions", "messages_in", "messages_out", "unanswered", "first_reply", "next_reply"),
    *("resolution", "rating"),
}


@pytest.fixture
def answered(group, alice):
    batches.post(draft_of(alice, group, "an answer"))
    return group


@pytest.fixture
def ask(browser_of):
    """A function: the JSON that a member gets, and its status."""

    def fetch(reader, path=REPORTS, **fields):
        answer = browser_of(reader).get(path, fields, **JSON)
        return answer.status_code, answer.json()

    return fetch


def test_the_report_has_every_key_and_no_other(ask, manager, answered):
    status, told = ask(manager)
    assert status == 200
    period, lines = ["from", "to", "zone", "totals"], ["by_team", "by_member", "by_day", "by_hour"]
    assert list(told) == period + lines
    assert set(told["totals"]) == FIGURES
    assert set(told["totals"]["first_reply"]) == {"n", "mean", "median", "p90"}
    assert told["totals"]["resolution"] == {"n": 0, "mean": None, "median": None, "p90": None}
    assert told["totals"]["rating"] == {"n": 0, "mean": None}
    assert [line["team"] for line in told["by_team"]] == ["service"]
    assert [line["member"] for line in told["by_member"]] == ["alice"]
    days = [line["date"] for line in told["by_day"]]
    assert len(days) == 7 and (days[0], days[-1]) == (told["from"], told["to"])
    assert [len(hours) for hours in told["by_hour"]] == [24] * 7
    assert sum(map(sum, told["by_hour"])) == told["totals"]["receptions"] == 1


def test_days_without_from_and_to_are_the_last_seven_in_the_enterprises_zone(
    ask, manager, enterprise
):
    enterprise.zone = "Pacific/Kiritimati"
    enterprise.save()
    _status, told = ask(manager)
    zone = timezone(timedelta(hours=14))
    assert told["zone"] == "Pacific/Kiritimati"
    assert told["to"] == datetime.now(zone).date().isoformat()
    status, told = ask(manager, **{"from": "2999-01-01", "to": "2999-01-02"})
    assert status == 200 and told["totals"]["receptions"] == 0
    assert [line["date"] for line in told["by_day"]] == ["2999-01-01", "2999-01-02"]


@pytest.mark.parametrize("metric", METRICS)
def test_rows_have_what_identifies_them(ask, manager, answered, alice, metric):
    batches.post(draft_of(alice, answered, "another one"))
    status, told = ask(manager, ROWS, metric=metric)
    assert status == 200 and list(told) == ["rows", "n", "cursor"]
    assert told["cursor"] is None and told["n"] == len(told["rows"])
    for row in told["rows"]:
        assert list(row)[:5] == ["group", "team", "member", "opened_at", "closed_at"]
        assert (row["group"], row["team"], row["closed_at"]) == (answered, "service", None)
        assert ("seconds" in row) == (metric in ("first_reply", "next_reply", "resolution"))
        credited = metric in ("first_reply", "messages_out")
        assert row["member"] == ("alice" if credited else None)


def test_four_hundred_days_are_a_report_and_one_more_is_none(ask, manager):
    begin = "2025-01-01"
    last = (datetime(2025, 1, 1) + timedelta(399)).date().isoformat()
    status, told = ask(manager, **{"from": begin, "to": last})
    assert status == 200 and len(told["by_day"]) == 400
    for first, to in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")):
        assert ask(manager, **{"from": first, "to": to})[0] == 200


def test_everybody_sees_what_is_theirs(
    ask, answered, manager, supervisor, analyst, leader, superuser, other_manager, alice, enterprise
):
    for member in (manager, supervisor, leader):
        status, told = ask(member)
        assert (status, told["totals"]["receptions"]) == (200, 1), member
        assert [line["member"] for line in told["by_member"]] == ["alice"]
    status, told = ask(analyst)
    assert (status, told["totals"]["receptions"], told["by_member"]) == (200, 1, [])
    assert ask(analyst, member="alice")[0] == 403
    _status, told = ask(analyst, ROWS, metric="first_reply")
    assert [row["member"] for row in told["rows"]] == [None]
    assert ask(other_manager)[1]["totals"]["receptions"] == 0
    assert ask(superuser)[0] == 400
    assert ask(superuser, enterprise="acme")[1]["totals"]["receptions"] == 1
    assert ask(superuser, enterprise="nobody")[0] == 404
    assert ask(alice) == (403, ask(alice)[1]) and ask(alice)[1]["error"] == "forbidden"


def test_foreign_things_are_not_there(ask, manager, other_manager, outsider, team):
    find_or_create_team(other_manager.enterprise, "abroad")
    for fields in ({"team": "abroad"}, {"member": "oscar"}, {"enterprise": "umbrella"}):
        for path in (REPORTS, ROWS):
            status, told = ask(manager, path, metric="receptions", **fields)
            assert (status, told["error"]) == (404, "not_found"), fields
    assert ask(manager, enterprise="acme", team="service", member="MONA")[0] == 200


def test_a_leader_sees_the_teams_that_they_lead_alone(ask, leader, team, alice, manager):
    other = find_or_create_team(team.enterprise, "sales")
    join_team(alice, other)
    batches.post(new_guest(other).draft("to the others"))
    _status, told = ask(leader)
    assert [line["team"] for line in told["by_team"]] == ["service"]
    assert told["totals"]["receptions"] == told["totals"]["messages_in"] == 0
    assert ask(leader, team="sales")[0] == 404
    assert ask(leader, ROWS, metric="receptions")[1]["n"] == 0
    assert ask(manager, team="sales")[1]["totals"]["receptions"] == 1
    assert ask(manager, team="service")[1]["totals"]["receptions"] == 0


def test_an_analyst_begins_with_the_reports(client, analyst):
    form = {"username": "anna", "password": PASSWORD}
    assert client.post("/agent/login/", form)["Location"] == REPORTS


def test_an_analyst_gets_no_place_in_a_team(analyst, team, manager, browser_of):
    with pytest.raises(Exception, match="has no conversations"):
        join_team(analyst, team)
    form = {"places-TOTAL_FORMS": 1, "places-INITIAL_FORMS": 0, "places-0-team": team.pk}
    form |= {"name": "ana", "first_password": "long enough 1", "role": 5, "nickname": ""}
    form |= {"places-0-member_type": 2, "enterprise": team.enterprise_id, "email": "", "tel": ""}
    answer = browser_of(manager).post("/admin/accounts/member/add/", form)
    assert answer.status_code == 200 and b"has no conversations" in answer.content
    assert not Member.objects.filter(name="ana").exists()


def test_the_command_makes_supervisors_and_analysts(enterprise, capsys):
    for role, number in (("supervisor", 4), ("analyst", 5)):
        call_command("create_member", role, enterprise="acme", role=role)
        member = Member.objects.get(name=role)
        assert (member.role, member.places.count()) == (number, 0)
        assert f"{role} of acme, no team." in capsys.readouterr().out
    call_command("create_member", "sue", enterprise="acme", role="supervisor", team="service")
    assert Member.objects.get(name="sue").places.count() == 1
    with pytest.raises(CommandError, match="has no conversations"):
        call_command("create_member", "ann", enterprise="acme", role="analyst", team="service")
    assert not Member.objects.filter(name="ann").exists()


def test_the_table_of_rights_knows_every_role_and_is_the_documented_one():
    assert {Member.Role(role).name for role in rights.OF_ROLE} == set(Member.Role.names)
    text = Path("docs/protocol.md").read_text().partition("### Who may what")[2].partition("\n#")[0]
    table = {}
    for right, roles in re.findall(r"^- `([a-z ]+)` \(([a-z, ]+)\): ", text, re.MULTILINE):
        for role in roles.split(", "):
            table.setdefault(role, set()).add(right)
    named = {Member.Role(role).name.lower(): set(has) for role, has in rights.OF_ROLE.items()}
    assert table == named
