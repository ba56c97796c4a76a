"""How one wants to be alerted: kept for the member, told to all windows, nobody else's business."""

import json

import pytest

from accounts.models import Member
from chat.models.alert_choices import AlertChoices
from chat.reading import alerts
from tests.chat.helpers import JSON, PAGE, database, within

PLACE = "/agent/alerts/"
USUAL = {
    "sound": ["unclaimed", "mine"],
    "desktop": ["unclaimed", "mine"],
    "quiet": None,
    "away_minutes": 10,
}


def ask(browser) -> dict:
    response = browser.get(PLACE, **JSON)
    assert response.status_code == 200
    return json.loads(response.content)


@pytest.mark.django_db
def test_who_has_chosen_nothing_is_alerted_as_usual_and_has_no_row(alice, browser_of):
    assert ask(browser_of(alice)) == USUAL
    assert not AlertChoices.objects.exists()


@pytest.mark.django_db
def test_a_choice_is_the_members_own_and_follows_to_another_browser(alice, bob, browser_of):
    form = {"sound": ["others"], "quiet_from": "22:00", "quiet_to": "07:30", "away_minutes": "25"}
    answer = browser_of(alice).post(PLACE, form, **PAGE)
    assert (answer.status_code, answer["Location"]) == (302, PLACE)
    chosen = {"sound": ["others"], "desktop": [], "quiet": {"from": "22:00", "to": "07:30"}}
    assert ask(browser_of(alice)) == chosen | {"away_minutes": 25}
    assert ask(browser_of(bob)) == USUAL
    page = browser_of(alice).get(PLACE).content.decode()
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert table.count("checked") == 3, "one that was chosen, and the two of a mention"
    assert 'value="22:00"' in page and 'value="07:30"' in page
    told = browser_of(alice).post(PLACE, {"desktop": ["mine"]}, **JSON).json()
    chosen = {"sound": [], "desktop": ["mine"], "quiet": None}
    assert told == chosen | {"away_minutes": 25}, "what is no box to tick stays when left out"
    assert AlertChoices.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@within(20)
async def test_all_windows_of_the_member_hear_of_another_choice_and_nobody_else(
    connect, alice, bob, outsider
):
    mine, too, other, stranger = [await connect(who) for who in (alice, alice, bob, outsider)]
    member = await database(Member.objects.get)(pk=alice.pk)
    await database(alerts.save_choices)(member, {"sound": [], "desktop": ["others"]})
    event = {"type": "alerts", **USUAL, "sound": [], "desktop": ["others"]}
    for window in (mine, too):
        assert await window.until("alerts") == event
    for window in (other, stranger):
        assert "alerts" not in [one["type"] for one in await window.all()]
