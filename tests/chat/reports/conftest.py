from datetime import timedelta

import pytest

from chat.models import QuickQuestion
from chat.reports import counting
from chat.reports.counting import packs
from chat.reports.showing import facts, listing, question, report

from .scene import Scene


@pytest.fixture
def scene(monkeypatch, team, alice, bob) -> Scene:
    entry = QuickQuestion.objects.create(team=team, question="When?", answer="9 to 5")
    return Scene(monkeypatch, team, [alice, bob], entry)


@pytest.fixture
def asked(manager, scene):
    """A function: the question for the report about the days of the test."""

    def ask(**fields):
        period = {"from": "2026-03-20", "to": "2026-12-20", "zone": "UTC"}
        return question.ask(manager, period | fields, scene.now)

    return ask


@pytest.fixture
def told(asked, scene):
    """A function: the report about the days of the test, which is the same once it is stored, and
    counted anew, and which its rows tell, too."""

    def ask():
        about = asked()

        def tell():
            return report.shaped(about, facts.counted(about))

        found = tell()
        for metric in ("messages_in", "messages_out", "receptions"):
            page = listing.page(about, {"metric": metric, "limit": "500"}, scene.now)
            assert len(page.rows) == page.n == found["totals"][metric]
        counting.count()
        assert tell() == found, "stored"
        packs.pack_days(scene.now + timedelta(days=1))
        assert tell() == found, "packed"
        counting.rebuild()
        assert tell() == found, "counted anew"
        return found

    return ask
