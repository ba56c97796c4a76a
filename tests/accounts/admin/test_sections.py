"""The settings of an enterprise: a page for each section, which saves what it shows and no more."""

import pytest

from accounts.admin.sections import SECTIONS, working_hours
from accounts.models import GreetingRule
from accounts.setup import find_or_create_team
from tests.conftest import stored

from .page import edit, errors_of, form_of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def written(enterprise):
    """Settings that differ from the defaults, in every section."""
    enterprise.welcome, enterprise.consent, enterprise.human_words = "Come in", "I agree", "human"
    enterprise.translations = {"zh-hans": {"welcome": "欢迎", "consent": "我同意"}}
    enterprise.cover_colour, enterprise.widget_label = "#123456", "Ask us"
    enterprise.ask_name, enterprise.retention_days = 1, 90
    enterprise.visits_told = enterprise.challenge = enterprise.hide_contacts = True
    enterprise.second_factor_roles = [4]
    enterprise.save()
    GreetingRule.objects.create(enterprise=enterprise, text="Hello")
    return enterprise


def columns(enterprise) -> dict:
    enterprise.refresh_from_db()
    return {name: value for name, value in vars(enterprise).items() if name[0] != "_"}


def test_each_section_saves_only_its_own_fields(boss, written):
    before = columns(written)
    for section in SECTIONS:
        answer = submit(boss, edit(written, section.key), without_logo="on", hide_contacts="")
        assert answer.status_code == 302 and answer.url == edit(written, section.key)
        changed = {name for name, value in columns(written).items() if value != before[name]}
        assert changed == ({"hide_contacts"} if section.key == "privacy" else set()), section.key
        before = columns(written)
    assert written.rules.get().text == "Hello"


def test_two_sections_that_are_open_at_once_lose_nothing(boss, written):
    pages = {key: form_of(boss.get(edit(written, key))) for key in ("look", "before")}
    boss.post(edit(written, "look"), pages["look"] | {"welcome_zh-hans": "您好"})
    boss.post(edit(written, "before"), pages["before"] | {"consent_zh-hans": "同意"})
    assert stored(written).translations == {"zh-hans": {"welcome": "您好", "consent": "同意"}}


def test_entries_say_what_is_set_and_lead_to_every_section(boss, written, team):
    page = boss.get(edit(written)).content.decode()
    assert all(f'href="{edit(written, section.key)}"' in page for section in SECTIONS)
    for said in ("blue · 2 of 2 languages", "name (optional) · consent", "kept for 90 days"):
        assert said in page, said
    assert page.count('aria-current="page"') == 2, "in the navigation, and of the sections"


def test_a_section_that_is_none_is_not_there(boss, written):
    assert boss.get(edit(written, "else")).status_code == 404
    assert boss.post(edit(written, "else"), {"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("number", "unit", "stored", "words"),
    [
        ("3", "minutes", 180, ""),
        ("90", "", 90, ""),
        ("2", "days", 120, "Choose between 5 seconds and 1 day."),
        ("4", "seconds", 120, "Choose between 5 seconds and 1 day."),
        ("-5", "seconds", 120, "Choose between 5 seconds and 1 day."),
        ("1.5", "minutes", 120, "Enter a whole number."),
        ("1", "weeks", 120, "Choose a unit of the list."),
    ],
)
def test_a_limit_has_a_unit_and_is_stored_in_seconds(boss, team, number, unit, stored, words):
    assert form_of(boss.get(edit(team)))["answer_seconds_unit"] == "minutes"
    sent = {"answer_seconds": number, "answer_seconds_unit": unit or None}
    answer = submit(boss, edit(team), **sent)
    team.refresh_from_db()
    assert team.answer_seconds == stored
    if words:
        assert errors_of(answer) == {"answer_seconds": [words]}


def test_a_warning_comes_before_the_close_and_a_day_is_shown_as_one(boss, team):
    hours = {"idle_hours": "1", "idle_hours_unit": "hours"}
    warned = {"warn_minutes": "1", "warn_minutes_unit": "hours"}
    assert list(errors_of(submit(boss, edit(team), **hours, **warned))) == ["warn_minutes"]
    submit(boss, edit(team), **hours | {"idle_hours": "24"}, **warned)
    shown = form_of(boss.get(edit(team)))
    assert (shown["idle_hours"], shown["idle_hours_unit"]) == ("1", "days")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("Asia/Shanghai", "Asia/Shanghai", ""),
        ("上海", "Asia/Shanghai", ""),
        ("shanghai ", "Asia/Shanghai", ""),
        ("US East (New York)", "America/New_York", ""),
        ("shang", "Asia/Shanghai", ""),
        ("Etc/GMT+8", "Etc/GMT+8", ""),
        ("PRC", "PRC", ""),
        ("america", "UTC", "Choose one of the list"),
        ("Mars", "UTC", "There is no time zone “Mars”"),
    ],
)
def test_a_time_zone_is_found_by_its_city_in_any_language(boss, enterprise, text, name, words):
    answer = submit(boss, edit(enterprise), zone=text)
    assert stored(enterprise).zone == name
    assert answer.status_code == (200 if words else 302)
    assert words in answer.content.decode()


def test_teams_with_other_hours_are_not_counted_with_the_first(enterprise, team):
    team.hours = {"zone": "UTC", "week": [[[540, 1080]]] * 7}
    team.save()
    find_or_create_team(enterprise, "second")
    assert working_hours(enterprise) == "every day 9:00-18:00 · 1 team · others at other times"
