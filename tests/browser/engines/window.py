"""What people do in a window of any browser, in the words of a test."""

import os
import time
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import PASSWORD

PATIENCE = 40
"""Seconds: the slow beat is 30, and other tests run beside these."""

FOUND = """
const [selector, text] = arguments;
const shown = (one) =>
  [...one.getClientRects()].some(({ width, height }) => width && height) &&
  getComputedStyle(one).visibility === "visible";
const widgets = [...document.querySelectorAll("kefu-chat")];
const found = [document, ...widgets.map((one) => one.shadowRoot)]
  .flatMap((root) => [...root.querySelectorAll(selector)])
  .filter((one) => shown(one) && one.textContent.includes(text));
"""
"""The elements that can be seen and have this text in them, on the page and in the widget on it."""
MIDDLE = """
if (!found[0]) return null;
found[0].scrollIntoView({ block: "nearest" });
const { left, top, width, height } = found[0].getBoundingClientRect();
const x = Math.floor(left + width / 2), y = Math.floor(top + height / 2);
const hit = found[0].getRootNode().elementFromPoint(x, y);
return [found[0], x, y, Boolean(hit && found[0].contains(hit))];
"""
"""An element, where its middle is, and whether it is the one that gets a click there."""
MESSAGES = """
return [...document.querySelectorAll(".messages .message")].map((one) => [
  one.querySelector(".body")?.innerText.trim() ?? "",
  one.querySelector(".state")?.textContent.trim() ?? "",
  Boolean(one.dataset.seq),
]);
"""
"""Of each message in the thread: its text, its state, and whether it is stored."""
WIDGET = "const widget = document.querySelector('kefu-chat')?.shadowRoot;"
SETTLED = """
return !document.getAnimations().some((one) =>
  one.playState === "running" && one.effect.getComputedTiming().endTime < 2000 &&
  one.effect.target.checkVisibility());
"""
"""In Firefox an animation of what is not shown runs, too, and never gets on."""
AXE = """
const done = arguments[arguments.length - 1];
const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
axe.run(document, { runOnly: { type: "tag", values } }).then(
  ({ violations }) => done(violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map((node) => node.html).join(" ")}`)),
  (error) => done([String(error)]));
"""
SCRIPTS = """
const done = arguments[arguments.length - 1];
const scripts = [...document.querySelectorAll("script[type=module][src]")];
const failed = (script) => import(script.src).then(() => null, (error) => `${error} ${script.src}`);
Promise.all(scripts.map(failed)).then((found) => done(found.filter(Boolean)));
"""
"""A module that has failed once fails for all who import it."""


class Window:
    """A window of a browser on the product that is served at `url`."""

    def __init__(self, browser, url: str):
        self.browser, self.driver, self.url = browser, browser.driver, url

    def go(self, path: str) -> None:
        """To a path of the product, or to a whole address."""
        self.driver.get(path if "://" in path else self.url + path)

    def run(self, script: str, *args):
        return self.driver.execute_script(script, *args)

    def until(self, condition, complaint: str):
        """Waits for something true; returns that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.1)
        self.shot("failed")
        raise AssertionError(complaint)

    def comes_to(self, value, script: str, *args) -> None:
        """Waits until JavaScript gives this value."""
        self.until(lambda: self.run(script, *args) == value, f"not {value}: {script}")

    def shown(self, selector: str, text: str = ""):
        """Waits for an element that can be seen and has this text in it; returns it."""
        script = FOUND + "return found[0] ?? null;"
        return self.until(lambda: self.run(script, selector, text), f"no {selector} {text}")

    def gone(self, selector: str, text: str = "") -> None:
        """Waits until no such element can be seen."""
        self.comes_to(0, FOUND + "return found.length;", selector, text)

    def click(self, selector: str, text: str = "") -> None:
        """Clicks in the middle of an element, once it rests there and gets what is clicked."""
        last = None

        def rests():
            nonlocal last
            before, last = last, self.run(FOUND + MIDDLE, selector, text)
            return last[0] if last and last == before and last[-1] else None

        element = self.until(rests, f"cannot be clicked: {selector} {text}")
        ActionChains(self.driver, duration=0).move_to_element(element).click().perform()

    def press(self, *keys: str) -> None:
        """Presses keys, or types text, where the focus is."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def focused(self, selector: str) -> None:
        """Waits until an element has the focus."""
        self.comes_to(True, "return document.activeElement.matches(arguments[0]);", selector)

    def can_write(self) -> None:
        """Waits until the composer's scripts run."""
        self.comes_to(1, "return document.querySelectorAll('.emoji:not([hidden])').length;")

    def write(self, text: str) -> None:
        """Types a message and sends it with Enter."""
        self.can_write()
        self.click("#content")
        self.press(text, Keys.ENTER)

    def sees(self, text: str) -> None:
        """Waits until the thread has exactly one message with this text."""
        self.until(lambda: self.texts().count(text) == 1, f"not once: {text}")

    def texts(self) -> list[str]:
        return [text for text, _, _ in self.run(MESSAGES)]

    def unsent(self) -> list[str]:
        return [text for text, _, stored in self.run(MESSAGES) if not stored]

    def is_sent(self, text: str) -> None:
        """Waits until a message's state tells that it is stored, or has even been read."""
        wanted = [[text, state, True] for state in ("Sent", "Read")]
        self.until(lambda: any(one in wanted for one in self.run(MESSAGES)), f"not sent: {text}")

    def sign_in(self, name: str) -> None:
        """Opens the workspace of a member who uses the tests' password."""
        self.go("/agent/")
        for field, text in (("username", name), ("password", PASSWORD)):
            self.click(f"[name={field}]")
            self.press(text)
        self.press(Keys.ENTER)
        self.shown(".inbox")

    def open_conversation(self, text: str) -> None:
        """Opens the conversation whose row in the inbox shows `text`."""
        self.click(".inbox .row", text)
        self.shown(".opened .conversation:not([inert])")

    def enter_widget(self) -> None:
        """From a site's page into the chat in its widget, once that is ready."""
        self.comes_to(True, WIDGET + "return Boolean(widget?.querySelector('.ready'));")
        frame = self.run(WIDGET + "return widget.querySelector('iframe');")
        self.driver.switch_to.frame(frame)

    def accessible(self) -> None:
        """Axe finds nothing in WCAG 2.2 AA, and nothing is wider than the window."""
        self.comes_to(True, SETTLED)
        self.driver.set_script_timeout(PATIENCE)
        assert self.driver.execute_async_script(f"{AXE_SCRIPT};{AXE}") == []
        fits = self.run("return document.documentElement.scrollWidth <= innerWidth")
        assert fits, self.driver.current_url

    def scripts_run(self) -> None:
        """The page's modules are loaded, and none has thrown."""
        assert self.driver.execute_async_script(SCRIPTS) == []

    def speak(self, language: str) -> None:
        """The pages from the next one on are in this language."""
        self.run(f"document.cookie = 'django_language={language}; path=/';")

    def shot(self, name: str) -> None:
        """A picture for people to look at, where KEFU_SHOTS names a folder."""
        if folder := os.environ.get("KEFU_SHOTS"):
            kind = type(self.browser).__name__.lower()
            self.driver.save_screenshot(str(Path(folder) / f"{kind}-{name}.png"))
