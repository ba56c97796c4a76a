"""Working hours in the administration: written by the line, refused with a reason at that line."""

import re

import pytest

from accounts.forms.hours import DAYS
from accounts.models import Enterprise, Team
from tests.accounts.admin.page import TEAMS, edit, errors_of, form_of, submit
from tests.conftest import stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ZONE = "Asia/Shanghai"


def test_the_editor_is_where_hours_are(boss, team):
    assert "js/admin/week" in boss.get(edit(team)).content.decode()
    assert "js/admin/week" not in boss.get(f"{TEAMS}add/").content.decode()


def test_a_manager_writes_hours_and_reads_them_back(boss, team):
    fields = {
        "time_zone": ZONE,
        "monday": "13:30-18:00,9-12",
        "friday": "２２：００～6:00",
        "holidays": "2026-10-01..2026-10-03 国庆节\n\n2026-1-1\n9999-12-31\n",
    }
    answer = submit(boss, edit(team), **fields)
    assert answer.status_code == 302
    team.refresh_from_db()
    assert team.hours == {
        "zone": ZONE,
        "week": [[[540, 720], [810, 1080]], [], [], [], [[1320, 1800]], [], []],
        "holidays": [
            ["2026-01-01", ""],
            *([f"2026-10-0{day}", "国庆节"] for day in (1, 2, 3)),
            ["9999-12-31", ""],
        ],
    }
    shown = boss.get(edit(team)).context["adminform"].form.initial
    assert shown["monday"] == "9:00-12:00, 13:30-18:00"
    assert shown["friday"] == "22:00-6:00"
    assert shown["holidays"].splitlines()[:2] == ["2026-01-01", "2026-10-01 国庆节"]
    assert shown["time_zone"] == ZONE


def test_saving_what_was_shown_changes_nothing(boss, team):
    submit(boss, edit(team), time_zone=ZONE, sunday="0:00-24:00", holidays="2026-05-01")
    team.refresh_from_db()
    before = dict(team.hours)
    assert before["week"][6] == [[0, 1440]]
    assert submit(boss, edit(team), name="Another").status_code == 302
    team.refresh_from_db()
    assert (team.hours, team.name) == (before, "Another")


def test_days_that_are_worked_are_read_and_shown_as_they_were_written(boss, team):
    lines = "2026-10-01 国庆节\n+2026-10-10 国庆节调休\n+2026-10-11"
    answer = submit(boss, edit(team), time_zone=ZONE, monday="9-12", holidays=lines)
    assert answer.status_code == 302
    team.refresh_from_db()
    assert team.hours["holidays"] == [
        ["2026-10-01", "国庆节"],
        ["2026-10-10", "国庆节调休", "worked"],
        ["2026-10-11", "", "worked"],
    ]
    shown = boss.get(edit(team)).context["adminform"].form.initial["holidays"]
    assert shown == lines
    wrong = submit(boss, edit(team), holidays="++2026-10-10")
    assert list(errors_of(wrong)) == ["holidays"]


def test_a_new_team_has_its_hours_from_the_start(boss, enterprise):
    submit(boss, f"{TEAMS}add/", slug="vip", name="VIP", time_zone="UTC", saturday="10-11")
    assert Team.objects.get(slug="vip").hours["week"][5] == [[600, 660]]


BAD = [
    ("monday", "9 to 5", "not a valid period"),
    ("monday", "9:00", "not a valid period"),
    ("tuesday", "9:00-25:00", "between 0:00 and 24:00"),
    ("tuesday", "24:00-6:00", "between 0:00 and 24:00"),
    ("tuesday", "9:75-10:00", "between 0:00 and 24:00"),
    ("sunday", "9:00-9:00", "at the same time"),
    ("sunday", "9-12, 11:59-13", "9:00-12:00 and 11:59-13:00 overlap"),
    ("sunday", "22:00-6:00, 23-24", "overlap"),
    ("friday", "1-2,3-4,5-6,7-8,9-10,11-12,13-14", "At most 6"),
    ("friday", "9-10," * 40, "at most 120"),
    ("holidays", "National Day", "does not start with a valid date"),
    ("holidays", "2026-02-30", "does not start with a valid date"),
    ("holidays", "2026-10-07..2026-10-01", "before the first"),
    ("holidays", "2026-01-01..9999-12-31", "too far"),
    ("holidays", "2026-01-01 " + "x" * 61, "60 characters"),
    ("holidays", "2026-01-01..2026-07-01\n2027-01-01..2027-02-01", "At most 200"),
    ("holidays", "2026-01-01\n" * 2_000, "at most 20000"),
    ("time_zone", "Mars/Olympus", "There is no time zone"),
]


def test_bad_hours_are_refused_at_their_own_line(boss, team):
    form = form_of(boss.get(edit(team))) | {"time_zone": ZONE, "wednesday": "9-17"}
    for field, text, reason in BAD:
        errors = errors_of(boss.post(edit(team), form | {field: text}))
        assert list(errors) == [field], text
        assert reason in " ".join(map(str, errors[field])), text
    assert stored(team).hours == {}


def test_a_time_zone_that_there_is_not_is_said_once(boss, team):
    answer = submit(boss, edit(team), time_zone="Mars/Olympus", monday="9-12")
    assert len(errors_of(answer)["time_zone"]) == 1


def test_hours_need_a_time_zone(boss, team):
    for fields in ({"monday": "9-17"}, {"holidays": "2026-01-01"}):
        answer = submit(boss, edit(team), time_zone="", **fields)
        assert list(errors_of(answer)) == ["time_zone"]
    assert len(DAYS) == 7


def test_topics_stand_on_the_page_of_the_team_they_lead_to(boss, team, other_team):
    form = {"topics-0-label": "退款", "topics-0-position": "1", "offered": "on"}
    assert submit(boss, edit(team), **form).status_code == 302
    team.refresh_from_db()
    assert team.offered and team.topics.get().label == "退款"
    foreign = other_team.topics.create(label="theirs")
    submit(boss, edit(team), **{"topics-0-label": "换货"})
    assert (team.topics.get().label, foreign.label) == ("换货", "theirs")


def test_who_sets_mails_up_is_told_that_they_lead_nowhere(boss, team, settings):
    told = "PUBLIC_URL is not set on this server, so these e-mails contain no link."
    assert told in boss.get(edit(team)).content.decode()
    settings.PUBLIC_URL = "http://testserver"
    assert told not in boss.get(edit(team)).content.decode()


def test_a_new_team_starts_with_the_enterprises_time_zone(boss, team):
    Enterprise.objects.update(zone="Europe/Berlin")
    assert form_of(boss.get(edit(team)))["time_zone"] == "Europe/Berlin"


def test_a_usual_time_zone_is_there_from_the_start(boss, team):
    """It says nothing by itself: without hours nothing is stored."""
    assert form_of(boss.get(edit(team)))["time_zone"] == "UTC"
    chinese = boss.get(edit(team), headers={"Accept-Language": "zh-CN"})
    assert form_of(chinese)["time_zone"] == "Asia/Shanghai"
    submit(boss, edit(team), monday="9-17", time_zone="beijing")
    assert form_of(boss.get(edit(team)))["time_zone"] == "Asia/Shanghai"
    submit(boss, edit(team), monday="", time_zone="")
    submit(boss, edit(team), name="Renamed")
    team.refresh_from_db()
    assert (team.name, team.hours) == ("Renamed", {})
    submit(boss, edit(team), monday="9-17", time_zone="Europe/Paris")
    assert form_of(boss.get(edit(team)))["time_zone"] == "Europe/Paris"
    names = re.findall(r'<option value="([^"]*)"', boss.get(edit(team)).content.decode())
    assert names.index("Asia/Shanghai") < names.index("Africa/Abidjan")
