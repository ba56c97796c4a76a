"""The composer in WebKit, which lays out what it clips in another way than Chromium does.

Selenium drives it, as no Playwright comes with Debian's WebKit. WebKit needs a display, so each
test run brings an X server of its own.
"""

import os
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.service import Service

from tests.plugins.services import program

from .conftest import PASSWORD

pytestmark = pytest.mark.webkit

BROWSERS = "*/webkit2gtk-*/MiniBrowser"
"""Where Debian keeps WebKit's own small browser, from /usr/lib on."""

CLICKED = """
const names = [".attach", ".emoji", "#content", "button.primary"];
const form = document.querySelector(".composer");
const { left, top, right, bottom } = form.getBoundingClientRect();
const seen = {}, wrong = [];
for (let x = Math.ceil(left); x < right; x += 3)
  for (let y = Math.ceil(top); y < bottom; y += 3) {
    const hit = document.elementFromPoint(x, y);
    const owner = names.find((name) => hit.closest(name));
    if (!owner) continue;
    const box = hit.closest(owner).getBoundingClientRect();
    seen[owner] = (seen[owner] ?? 0) + 1;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom)
      wrong.push(`${owner} at ${x},${y}`);
  }
return { seen, wrong };
"""
"""Which control of the composer gets a click at each point of a grid, and where a control gets
one outside of its own box."""


@pytest.fixture
def webkit(server):
    """A WebKit window, 900 × 700 px, without a profile of its own."""
    reading, writing = os.pipe()
    display = subprocess.Popen(
        [program("Xvfb"), "-displayfd", str(writing), "-screen", "0", "1400x1000x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as file:
        number = file.readline().strip()
    environment = {**os.environ, "DISPLAY": f":{number}"}
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(next(Path("/usr/lib").glob(BROWSERS)))
    options.add_argument("--automation")
    service = Service(program("WebKitWebDriver"), env=environment)
    driver = webdriver.WebKitGTK(options=options, service=service)
    try:
        driver.set_window_size(900, 700)
        driver.get(server.url + "/chat/demo/")
        yield driver
    finally:
        driver.quit()
        display.terminate()
        display.wait()


def wait(driver):
    return WebDriverWait(driver, 20)


def shown(driver, selector: str):
    """Waits until an element is displayed, and returns it."""

    def found(driver):
        elements = driver.find_elements(By.CSS_SELECTOR, selector)
        return next((one for one in elements if one.is_displayed()), None)

    return wait(driver).until(found, f"never shown: {selector}")


def click(driver, selector: str) -> None:
    """Clicks where the element is, whatever lies on top of it there."""
    ActionChains(driver).move_to_element(shown(driver, selector)).click().perform()


def types_and_sends(driver, text: str) -> None:
    """Checks who gets the composer's clicks, then opens the emoji and sends by the pointer."""
    shown(driver, ".composer .emoji")
    found = driver.execute_script(CLICKED)
    assert found["wrong"] == []
    assert sorted(found["seen"]) == ["#content", ".attach", ".emoji", "button.primary"]
    click(driver, ".composer .emoji")
    click(driver, ".emoji-box button:first-child")
    field = driver.find_element(By.ID, "content")
    wait(driver).until(lambda _: field.get_property("value") == "😀")
    field.send_keys(text)
    click(driver, ".composer button.primary")
    sent = f"//*[@class='body'][contains(., '{text}')]/ancestor::*[@data-seq]"
    wait(driver).until(lambda _: driver.find_elements(By.XPATH, sent), "never sent")


def test_each_control_of_the_composer_gets_its_own_clicks(webkit, server):
    types_and_sends(webkit, "asked in WebKit")
    webkit.set_window_size(1366, 700)
    webkit.get(server.url + "/agent/")
    shown(webkit, "[name=username]").send_keys("alice")
    shown(webkit, "[name=password]").send_keys(PASSWORD)
    click(webkit, "main button.primary")
    click(webkit, ".inbox .row")
    key = shown(webkit, ".composer .sending-key")
    left, bottom = int(key.rect["x"]), int(key.rect["y"] + key.rect["height"])
    window = Image.open(BytesIO(webkit.get_screenshot_as_png()))
    inside, outside = (left + 6, bottom - 6), (left + 6, bottom + 3)
    assert window.getpixel(inside) == window.getpixel(outside), "no grey of the system"
    types_and_sends(webkit, "answered in WebKit")


def test_the_question_stands_beside_its_stars(webkit):
    types_and_sends(webkit, "rated in WebKit")
    for step in (".chat-menu > summary", ".ending > summary", ".ending button"):
        click(webkit, step)
    question, stars = shown(webkit, ".rating legend"), shown(webkit, ".stars")
    assert question.rect["x"] + question.rect["width"] <= stars.rect["x"]
    assert abs(middle(question) - middle(stars)) <= 1


def middle(element) -> float:
    return element.rect["y"] + element.rect["height"] / 2
