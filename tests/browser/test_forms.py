"""The forms of the administration: the week, rows of other tables, and what is not saved yet."""

import pytest
from playwright.sync_api import expect

from .administration import signed_in
from .pages import accessible, looks

TEAMS = "/admin/accounts/team/"


@pytest.fixture
def form(browse, enterprise):
    """A function: the form of the team of an enterprise of its own, as a superuser has it."""

    def open_form(code: str, **options):
        code = enterprise(code)
        # Axe tries styles on Django's pages; the corpus proves that these keep to the policy.
        page = signed_in(browse, bypass_csp=True, **options)
        page.goto(TEAMS)
        page.locator("#result_list tr", has_text=code).locator("th a").click()
        return page

    return open_form


def values(page, *names: str) -> list[str]:
    return [page.locator(f"[name={name}]").input_value() for name in names]


@looks
def test_a_week_is_set_by_its_inputs_and_comes_back_as_it_was(form, look):
    page = form(f"week-{look}", **look)
    page.fill("[name=time_zone]", "上海")
    monday = page.locator(".week-day").first
    monday.locator(".week-closed input").uncheck()
    times = monday.locator("input[type=time]")
    times.nth(1).fill("12:00")
    monday.locator(".week-add").click()
    expect(times.nth(2)).to_be_focused()
    times.nth(2).fill("22:00")
    times.nth(3).fill("02:00")
    expect(monday.locator(".week-next").last).to_be_visible()
    monday.locator(".week-copy").select_option("week")
    saturday = page.locator(".week-day").nth(5)
    saturday.locator(".week-copy").select_option("monday")
    saturday.locator(".week-remove").last.click()
    hours = "9:00-12:00, 22:00-2:00"
    assert values(page, "monday", "friday", "saturday", "sunday") == [hours] * 2 + [
        "9:00-12:00",
        "",
    ]
    page.locator(".holiday-add").click()
    holiday = page.locator(".holiday input")
    for place, text in enumerate(("2026-10-01", "2026-10-03", "国庆")):
        holiday.nth(place).fill(text)
    accessible(page)
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".week-span")).to_have_count(11)
    assert values(page, "monday", "saturday", "sunday") == [hours, "9:00-12:00", ""]
    expect(page.locator(".holiday")).to_have_count(1)


def test_what_was_refused_is_named_above_with_the_way_there(form):
    page = form("refused")
    monday = page.locator(".week-day").first
    monday.locator(".week-closed input").uncheck()
    times = monday.locator("input[type=time]")
    monday.locator(".week-add").click()
    times.nth(2).fill("11:00")
    times.nth(3).fill("20:00")
    page.keyboard.press("Control+s")
    way = page.locator(".errornote a")
    expect(way).to_have_text("Monday")
    expect(page.locator(".save-bar")).to_be_visible()
    accessible(page)
    way.click()
    expect(monday.locator(".errorlist")).to_be_in_viewport()
    expect(monday.locator(".errorlist")).to_contain_text("overlap")
    expect(times).to_have_count(4)
    times.nth(3).fill("")
    page.click(".save-bar .primary")
    expect(monday.locator(".errorlist")).to_contain_text("11:00-")
    expect(times).to_have_count(4), "it is mended where it was written"


@looks
def test_rows_are_added_moved_and_removed_and_the_bar_names_it(form, look):
    page = form(f"rows-{look}", **look)
    bar, add = page.locator(".save-bar"), page.locator("#topics-group .row-add")
    expect(bar).to_be_hidden()
    for place, label in enumerate(("Orders", "Returns", "Neither")):
        add.click()
        expect(page.locator(f"#topics-{place} input[type=text]").first).to_be_focused()
        page.keyboard.type(label)
    page.locator("#topics-2 .row-grip").drag_to(page.locator("#topics-0 .row-grip"))
    expect(page.locator("#id_topics-2-position")).to_have_value("1")
    page.locator("#topics-1 .row-up").press("Enter")
    expect(page.locator("#topics-1 .row-up")).to_be_focused()
    page.locator("#topics-2 .row-remove").click()
    page.fill("[name=greeting]", "Hello")
    expect(bar.locator("b")).to_contain_text("2")
    accessible(page)
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(bar).to_be_hidden()
    labels = [page.locator(f"#id_topics-{n}-label").input_value() for n in (0, 1)]
    assert labels == ["Returns", "Orders"]
    expect(page.locator("#topics-group .row-cards > .row-card")).to_have_count(2)


def test_unsaved_changes_are_not_lost_by_a_link(form):
    page = form("unsaved")
    asked = []

    def answer(dialog):
        asked.append((dialog.type, dialog.message))
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    here = page.url
    page.fill("[name=name]", "Changed")  # Perhaps before the script is there.
    page.wait_for_load_state()
    page.locator("#tasks a", has_text="Members").click()
    assert page.url.partition("#")[0] == here.partition("#")[0]
    expect(page.locator("[name=name]")).to_have_value("Changed")
    page.locator("#tasks a", has_text="Members").click()
    page.wait_for_url("**/accounts/member/?*")
    assert [kind for kind, _words in asked] == ["confirm", "confirm"], "asked once each time"
    page.go_back()
    page.fill("[name=name]", "Changed again")
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    page.locator("#tasks a", has_text="Members").click()
    page.wait_for_url("**/accounts/member/?*")
    assert len(asked) == 2, "what is saved or unchanged asks nothing"


def test_a_page_that_is_closed_or_reloaded_asks_the_browsers_question(form):
    page = form("unsaved-reload")
    kinds = []
    page.on("dialog", lambda dialog: (kinds.append(dialog.type), dialog.accept()))
    page.reload()
    page.locator("[name=name]").press_sequentially("x")
    page.reload()
    assert kinds == ["beforeunload"]
