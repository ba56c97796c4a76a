"""What visitors are told of a team's working hours, by page and by socket."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from chat.presence import leases
from tests.chat.helpers import database, within

from .days_off import ZONE, rest


@pytest.mark.django_db
def test_outside_of_its_hours_a_team_is_closed_whoever_is_there(visitor, alice, team):
    leases.renew([alice.uuid])
    assert "1 agent online" in visitor.get("/chat/acme/").content.decode()
    end = rest(team)
    page = visitor.get("/chat/acme/").content.decode()
    there = end.astimezone(ZoneInfo(ZONE))
    assert f"Outside working hours, back from {there:%a} 0:00 (Asia/Shanghai)." in page
    assert "agent online" not in page.partition("page-texts")[0]
    chinese = visitor.get("/chat/acme/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "Outside" not in chinese and "0:00 (Asia/Shanghai)" in chinese


@pytest.mark.django_db
def test_an_open_team_tells_when_it_closes_and_opens_again(team):
    moment = datetime(2026, 11, 27, 2, tzinfo=timezone.utc)
    office = [[[540, 1080]]] * 5 + [[], []]
    team.hours = {"zone": ZONE, "week": office, "holidays": []}
    assert leases.for_visitors(team, {}, moment) == {
        "online": 0,
        "busy": 0,
        "open": True,
        "closes_at": datetime(2026, 11, 27, 10, tzinfo=timezone.utc),
        "opens_at": datetime(2026, 11, 30, 1, tzinfo=timezone.utc),
    }
    closed = leases.for_visitors(team, {}, moment + timedelta(hours=8))
    assert (closed["open"], closed["closes_at"]) == (False, None)
    assert closed["opens_at"] == datetime(2026, 11, 30, 1, tzinfo=timezone.utc)


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_sockets_hear_the_hours_with_hello_and_presence(connect, guest, alice, team):
    end = await database(rest)(team)
    visitor = await connect(guest)
    hours = {"open": False, "closes_at": None, "opens_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    there = {"team": "service", "name": team.name, "online": 0, "busy": 0}
    assert visitor.hello["team"] == there | hours
    await connect(alice)
    event = await visitor.until("presence", team="service")
    assert event == {"type": "presence", "team": "service", "online": 1, "busy": 0, **hours}
