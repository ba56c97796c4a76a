"""Times on pages without JavaScript: in the zone of the team's hours."""

from datetime import datetime, timezone

import pytest

from accounts.models import Enterprise
from chat.models import GroupMessage, Visitor
from tests.chat.helpers import JSON

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NIGHT = datetime(2026, 3, 1, 20, 5, tzinfo=timezone.utc)


def test_a_visitor_reads_times_in_the_zone_of_the_team(visitor, team):
    visitor.post(visitor.place, {"content": "x"}, **JSON)
    Enterprise.objects.update(zone="Europe/Berlin")
    GroupMessage.objects.update(created_at=NIGHT)
    Visitor.objects.update(created_at=NIGHT)
    for zone, words in (
        (None, "2026-03-01 21:05 CET"),
        ("Asia/Shanghai", "2026-03-02 04:05 CST"),
        ("America/Sao_Paulo", "2026-03-01 17:05 -03"),
    ):
        team.hours = {"zone": zone, "week": [[]] * 7, "holidays": []} if zone else {}
        team.save()
        for page in ("/chat/acme/", "/chat/acme/privacy/"):
            assert words in visitor.get(page).content.decode(), (zone, page)
    Visitor.objects.update(blocked=True, blocked_until=NIGHT.replace(year=2090))
    assert "2090-03-01 17:05 -03" in visitor.get("/chat/acme/").content.decode()


def test_agents_read_the_name_of_a_language(visitor, agent, group):
    Visitor.objects.update(language="zh-hans")
    shown = 'data-fact="language" data-value="zh-hans">Simplified Chinese<'
    assert shown in agent.get(agent.page).content.decode()
