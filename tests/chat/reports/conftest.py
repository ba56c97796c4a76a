from datetime import timedelta

import pytest

from chat.reports import counting
from chat.reports.counting import packs
from chat.reports.showing import listing, question, report


@pytest.fixture
def told(manager, scene):
    """A function: the report about the days of the test, which is the same once it is stored, and
    counted anew, and which its rows tell, too."""

    def ask():
        period = {"from": "2026-03-20", "to": "2026-12-20", "zone": "UTC"}
        asked = question.ask(manager, period, scene.now)

        def tell():
            return report.shaped(asked, report.lines_of(asked))

        found = tell()
        for metric in ("messages_in", "messages_out", "receptions"):
            page = listing.page(asked, {"metric": metric, "limit": "500"}, scene.now)
            assert len(page.rows) == page.n == found["totals"][metric]
        counting.count()
        assert tell() == found, "stored"
        packs.pack_days(scene.now + timedelta(days=1))
        assert tell() == found, "packed"
        counting.rebuild()
        assert tell() == found, "counted anew"
        return found

    return ask
