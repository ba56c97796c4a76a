"""When a team is there: the table of the week, midnight, holidays, and clocks that are changed."""

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.forms.hours import parse_holidays, parse_spans
from accounts.hours import (
    Hours,
    ago,
    are_sound,
    is_open,
    next_closing,
    next_opening,
    passed,
    worked,
    zone_named,
)

OFFICE = "9:00-12:00, 13:30-18:00"


def team(zone="Asia/Shanghai", week=None, holidays="", **days):
    """A team with these hours, written as a manager would; `week` from Monday to Friday."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    lines = [days.get(name, week if name not in ("sat", "sun") else "") for name in names]
    table = [parse_spans(line or "") for line in lines]
    return SimpleNamespace(
        hours={"zone": zone, "week": table, "holidays": parse_holidays(holidays)}
    )


def at(text: str, zone="Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def test_a_team_without_hours_is_always_there():
    moment = at("2026-11-28 03:00")
    for stored in ({}, {"zone": "UTC", "week": [[]] * 7, "holidays": []}):
        always = SimpleNamespace(hours=stored)
        assert is_open(always, moment)
        assert next_opening(always, moment) == moment
        assert next_closing(always, moment) is None


def test_hours_that_no_form_has_written_harm_nobody():
    """A look at all teams must not end with the first whose row says nothing of the kind."""
    moment = at("2026-11-28 03:00")
    for stored in ([], {"week": [[[0, 9]]] * 7}, {"zone": "UTC", "week": [[7]]}, {"holidays": 3}):
        assert is_open(SimpleNamespace(hours=stored), moment) and not are_sound(stored)
    nowhere = team("Bad/Zone", OFFICE)
    assert not is_open(nowhere, moment) and not are_sound(nowhere.hours)
    assert are_sound({}) and are_sound(team(week=OFFICE).hours)
    assert zone_named("../../etc/passwd").key == zone_named("Asia").key == "UTC"


@pytest.mark.parametrize(
    ("moment", "opened", "opening", "end"),
    [
        ("2026-11-27 08:59", False, "2026-11-27 09:00", None),
        ("2026-11-27 09:00", True, "2026-11-27 09:00", "2026-11-27 12:00"),
        ("2026-11-27 12:00", False, "2026-11-27 13:30", None),
        ("2026-11-27 17:59", True, "2026-11-27 17:59", "2026-11-27 18:00"),
        ("2026-11-27 18:00", False, "2026-11-30 09:00", None),
        ("2026-11-29 12:00", False, "2026-11-30 09:00", None),
    ],
)
def test_office_hours_have_a_lunch_and_a_weekend(moment, opened, opening, end):
    office = team(week=OFFICE)
    assert is_open(office, at(moment)) is opened
    assert next_opening(office, at(moment)) == at(opening)
    assert next_closing(office, at(moment)) == (end and at(end))


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on():
    night = team(fri="22:00-6:00", holidays="2026-12-04 nobody")
    assert is_open(night, at("2026-11-27 23:59")) and is_open(night, at("2026-11-28 05:59"))
    assert not is_open(night, at("2026-11-28 06:00")) and not is_open(night, at("2026-11-27 05:00"))
    assert next_closing(night, at("2026-11-27 23:00")) == at("2026-11-28 06:00")
    assert not is_open(night, at("2026-12-05 02:00")), "the holiday took the night that it began"
    assert next_opening(night, at("2026-11-28 06:00")) == at("2026-12-11 22:00")
    after = team(fri="22:00-6:00", holidays="2026-11-28")
    assert is_open(after, at("2026-11-28 05:00")), "what began before the holiday goes on into it"


def test_spans_that_touch_are_one_opening():
    whole = team(**dict.fromkeys(("mon", "tue", "wed"), "0:00-24:00"))
    assert next_closing(whole, at("2026-11-23 10:00")) == at("2026-11-26 00:00")
    always = team(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "0:00-24:00"))
    assert is_open(always, at("2026-11-23 00:00"))
    assert next_closing(always, at("2026-11-23 10:00")) is None


def test_holidays_alone_close_a_team_that_is_otherwise_always_there():
    festive = team(holidays="2026-10-01..2026-10-07 国庆节")
    assert is_open(festive, at("2026-09-30 23:59")) and not is_open(festive, at("2026-10-01 00:00"))
    assert next_closing(festive, at("2026-09-30 12:00")) == at("2026-10-01 00:00")
    assert next_opening(festive, at("2026-10-01 00:00")) == at("2026-10-08 00:00")


def test_holidays_without_end_lead_to_no_opening():
    dates = "\n".join(f"2026-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29))
    tuesday = team(tue="9:00-10:00", holidays=dates)
    assert next_opening(tuesday, at("2026-01-01 00:00")) == at("2026-03-03 09:00")
    nobody = team(holidays="2026-01-01")
    nobody.hours["week"][3] = [[540, 600]]
    assert next_opening(nobody, at("2025-12-31 00:00")) == at("2026-01-08 09:00")


def test_a_weekend_that_is_worked_has_the_hours_of_the_last_weekday_that_is():
    office = team(
        week=OFFICE, fri="10:00-16:00", holidays="2026-10-01..2026-10-08 国庆节\n+2026-10-10"
    )
    assert not is_open(office, at("2026-10-08 11:00")), "a Thursday"
    assert next_opening(office, at("2026-10-09 16:00")) == at("2026-10-10 10:00"), "the Saturday"
    assert next_closing(office, at("2026-10-10 10:00")) == at("2026-10-10 16:00")
    assert next_opening(office, at("2026-10-10 16:00")) == at("2026-10-12 09:00")
    sunday = team(week=OFFICE, fri="10:00-16:00", holidays="+2026-10-11 换休")
    assert next_opening(sunday, at("2026-10-10 00:00")) == at("2026-10-11 10:00")
    monday = team(sat="9:00-10:00", holidays="+2026-10-12")
    assert next_opening(monday, at("2026-10-10 10:00")) == at("2026-10-12 09:00"), (
        "of the week before"
    )
    always = team(holidays="+2026-10-10")
    assert next_closing(always, at("2026-10-10 00:00")) is None and is_open(
        always, at("2026-10-10 00:00")
    )
    assert team(tue="9-10", holidays="＋2026-10-13").hours["holidays"] == [
        ["2026-10-13", "", "worked"]
    ]


def test_the_teams_zone_counts_whoever_looks():
    office = team("America/New_York", OFFICE)
    assert is_open(office, at("2026-11-27 09:00", "America/New_York"))
    assert not is_open(office, at("2026-11-27 09:00", "Asia/Shanghai"))
    assert is_open(office, at("2026-11-27 22:30", "Asia/Shanghai"))


def test_clocks_that_are_put_forward_or_back_move_no_wall_clock_time():
    berlin = team("Europe/Berlin", sun="1:00-8:00", mon="9:00-17:00")
    for day, length in (("2026-03-29", 6), ("2026-10-25", 8), ("2026-03-22", 7)):
        opening = next_opening(berlin, at(f"{day} 00:00", "Europe/Berlin"))
        assert opening == at(f"{day} 01:00", "Europe/Berlin")
        assert next_closing(berlin, opening) - opening == timedelta(hours=length), day
    always = team("Europe/Berlin", "0-24", sat="0-24", sun="0-24")
    assert next_closing(always, at("2026-03-27 23:30", "Europe/Berlin")) is None
    monday = at("2026-03-30 08:59", "Europe/Berlin")
    assert next_opening(berlin, monday) == datetime(2026, 3, 30, 7, tzinfo=timezone.utc)


def test_a_time_that_clocks_show_twice_or_never_opens_once():
    sunday = team("Europe/Berlin", sun="2:30-3:30")
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc)
    assert next_opening(sunday, twice - timedelta(minutes=1)) == twice
    assert next_closing(sunday, twice) == datetime(2026, 10, 25, 2, 30, tzinfo=timezone.utc)
    early = team("Europe/Berlin", sun="1:00-2:30")
    end = datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc)
    assert next_closing(early, twice) == end, "at the second 2:30"


@pytest.mark.parametrize(
    ("zone", "forward", "back"),
    [
        ("Europe/Berlin", "2026-03-29 03:00", "2026-10-25"),
        ("America/New_York", "2026-03-08 03:00", "2026-11-01"),
    ],
)
def test_where_clocks_leave_a_time_out_it_opens_and_ends_as_they_are_put_forward(
    zone, forward, back
):
    moment = at(forward, zone)
    before = moment - timedelta(hours=1)
    for begin in ("2:00", "2:30", "2:59"):
        sunday = team(zone, sun=f"{begin}-5:00")
        assert next_opening(sunday, before) == moment, begin
        assert not is_open(sunday, moment - timedelta(seconds=1))
        assert next_closing(sunday, moment) == moment + timedelta(hours=2)
    for end in ("2:00", "2:30", "2:59"):
        assert next_closing(team(zone, sun=f"1:00-{end}"), before) == moment, end
    overnight = team(zone, sat="22:00-2:30")
    assert next_closing(overnight, before) == moment
    never = team(zone, sun="2:15-2:45")
    assert not is_open(never, moment)
    assert next_opening(never, before) == at(forward, zone) + timedelta(days=7, minutes=-45)
    for begin in ("2:00", "2:30", "2:59"):
        autumn = team(zone, sun=f"{begin}-5:00")
        shown = at(f"{back} 0{begin}", zone)
        assert next_opening(autumn, at(f"{back} 00:00", zone)) == shown
        assert next_closing(autumn, shown) == at(f"{back} 05:00", zone)


# A machine with much else to do takes a second for the first few.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3),
        min_size=7,
        max_size=7,
    ),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(timezone.utc)),
)
def test_whatever_the_table_the_answers_agree(week, zone, moment):
    table = [sorted((begin, begin + length) for begin, length in spans) for spans in week]
    any_team = SimpleNamespace(hours={"zone": zone, "week": table, "holidays": []})
    opening, end = next_opening(any_team, moment), next_closing(any_team, moment)
    assert (opening == moment) is is_open(any_team, moment)
    if opening:
        assert opening >= moment and is_open(any_team, opening)
    if opening and opening > moment:
        before = opening - timedelta(seconds=1)
        assert before < moment or not is_open(any_team, before)
    if end:
        assert is_open(any_team, moment) and not is_open(any_team, end)
        assert is_open(any_team, end - timedelta(seconds=1))
    calendar = Hours.from_stored(any_team.hours)
    for seconds in (300, 100_000):
        whole = worked(calendar, moment - timedelta(days=300), moment).total_seconds() >= seconds
        since = ago(calendar, moment, seconds)
        assert not whole or worked(calendar, since, moment) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("since", "minutes", "expected"),
    [
        ("2026-11-27 10:00", 30, "2026-11-27 10:30"),
        ("2026-11-27 11:50", 30, "2026-11-27 13:50"),  # over lunch
        ("2026-11-27 12:30", 30, "2026-11-27 14:00"),  # begun in it
        ("2026-11-27 11:30", 30, "2026-11-27 12:00"),  # to the last minute
        ("2026-11-27 17:50", 30, "2026-11-30 09:20"),  # over a weekend
        ("2026-11-28 03:00", 30, "2026-11-30 09:30"),
        ("2026-11-30 17:50", 30, "2026-12-02 09:20"),  # over a holiday
        ("2026-12-04 17:50", 30, "2026-12-05 09:20"),  # a Saturday that is worked
        ("2026-11-27 09:00", 1440, "2026-12-03 10:30"),  # three days and a half
    ],
)
def test_a_target_counts_within_the_hours_only(since, minutes, expected):
    office = team(week=OFFICE, holidays="2026-12-01 Day off\n+2026-12-05")
    calendar = Hours.from_stored(office.hours)
    assert passed(calendar, at(since), minutes * 60) == at(expected)


def test_a_target_over_midnight_counts_no_minute_twice():
    nights = Hours.from_stored(team(week="22:00-6:00, 5:00-7:00", sat="22:00-6:00").hours)
    assert passed(nights, at("2026-11-24 23:00"), 8 * 3600) == at("2026-11-25 07:00")


def test_without_hours_a_target_counts_by_the_clock():
    moment = at("2026-11-28 03:00")
    assert passed(None, moment, 90) == moment + timedelta(seconds=90)
    closed = Hours.from_stored({"zone": "UTC", "week": [[[0, 1]], *[[]] * 6], "holidays": []})
    assert passed(closed, moment, 86_400) > moment, "a minute a week is too little for a day"
