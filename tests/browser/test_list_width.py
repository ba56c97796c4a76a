"""The list of conversations can be made wider and narrower, and stays so."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, press, shot


def width(page) -> float:
    return page.locator(".inbox").evaluate("element => element.offsetWidth")


@pytest.mark.parametrize(("window", "usual"), [(1366, 320), (1920, 380)])
def test_by_mouse_and_by_keys_and_after_a_reload(sign_in, enterprise, window, usual):
    code = enterprise(f"wide-{window}", 20, 2)
    alice = sign_in(f"{code}-alice", viewport={"width": window, "height": 800})
    handle, grip = alice.locator(".list-width"), alice.locator(".list-width [role=separator]")
    assert width(alice) == usual
    expect(grip).to_have_attribute("aria-valuenow", str(usual))
    accessible(alice)

    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, 500
    alice.mouse.move(x, y)
    alice.mouse.down()
    alice.mouse.move(x + 30, y)
    alice.mouse.move(x + 80, y)
    alice.mouse.up()
    assert width(alice) == usual + 80
    shot(alice)
    alice.reload()
    expect(grip).to_have_attribute("aria-valuenow", str(usual + 80))
    assert width(alice) == usual + 80

    grip.focus()
    press(alice, "ArrowLeft")
    assert width(alice) == usual + 64
    press(alice, "Home", "ArrowLeft")
    assert width(alice) == 280
    press(alice, "End", "ArrowRight")
    expect(grip).to_have_attribute("aria-valuenow", str(min(520, window * 40 // 100)))
    accessible(alice)
    press(alice, "Enter")
    assert width(alice) == usual
    alice.reload()
    expect(alice.locator(".list-width")).to_be_visible()
    assert width(alice) == usual

    press(alice, "End")
    handle.dblclick(position={"x": 4, "y": 600})
    assert width(alice) == usual


def test_where_the_columns_are_narrow_there_is_no_handle(sign_in, enterprise):
    alice = sign_in(f"{enterprise('no-handle')}-alice", viewport={"width": 1000, "height": 800})
    expect(alice.locator(".list-width")).to_be_hidden()
    alice.set_viewport_size({"width": 390, "height": 800})
    expect(alice.locator(".list-width")).to_be_hidden()
