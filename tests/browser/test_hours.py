"""Working hours from the administration to the visitor's page, in the visitor's own time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from .administration import edit_team
from .pages import accessible, looks, write

THERE, HERE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def closed_until_monday() -> tuple[dict, datetime]:
    """Holidays from today to Sunday or beyond; when they end."""
    today = datetime.now(THERE).date()
    back = today + timedelta(3)
    fields = {"time_zone": "Asia/Shanghai", "holidays": f"{today}..{back - timedelta(1)} 假期"}
    return fields, datetime.combine(back, datetime.min.time(), THERE)


@looks
def test_a_visitor_reads_by_the_own_clock_when_the_team_is_back(browse, enterprise, look):
    code = enterprise(f"hours-{look}")
    fields, back = closed_until_monday()
    admin = edit_team(browse, code, **fields, monday="9 to 5")
    expect(admin.locator(".form-row.errors .errorlist")).to_contain_text("9 to 5")

    admin.fill("[name=monday]", "9:00-24:00")
    for day in ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        admin.fill(f"[name={day}]", "0:00-24:00")
    admin.click("[name=_continue]")
    expect(admin.locator(".messagelist .success")).to_be_visible()

    page = browse(f"/chat/{code}/", **look, timezone_id="Europe/Berlin")
    if back.weekday() == 0:
        back += timedelta(hours=9)
    here = back.astimezone(HERE)
    status = page.locator(".status-text")
    expect(status).not_to_contain_text("Asia/Shanghai")
    expect(status).to_contain_text(f"{here.hour}:{here.minute:02}")
    expect(page.locator(".status .dot")).to_have_class("dot off")
    accessible(page)
    write(page, "还有人吗？", page)
