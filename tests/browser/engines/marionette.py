"""Firefox for Selenium, without geckodriver, which neither Debian nor PyPI has: what geckodriver
would translate, Selenium's commands into those of Firefox's own protocol, is translated here."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.file_detector import UselessFileDetector

from tests.plugins.services import program

START_WITHIN = 60
"""Seconds, on a machine that runs other tests beside it."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key by which WebDriver's standard refers to an element."""
COMMANDS = {
    Command.NEW_SESSION: "NewSession",
    Command.GET: "Navigate",
    Command.REFRESH: "Refresh",
    Command.GET_CURRENT_URL: "GetCurrentURL",
    Command.FIND_ELEMENT: "FindElement",
    Command.FIND_ELEMENTS: "FindElements",
    Command.SEND_KEYS_TO_ELEMENT: "ElementSendKeys",
    Command.W3C_EXECUTE_SCRIPT: "ExecuteScript",
    Command.W3C_EXECUTE_SCRIPT_ASYNC: "ExecuteAsyncScript",
    Command.W3C_ACTIONS: "PerformActions",
    Command.SWITCH_TO_FRAME: "SwitchToFrame",
    Command.SWITCH_TO_WINDOW: "SwitchToWindow",
    Command.W3C_GET_WINDOW_HANDLES: "GetWindowHandles",
    Command.CLOSE: "CloseWindow",
    Command.SET_WINDOW_RECT: "SetWindowRect",
    Command.SET_TIMEOUTS: "SetTimeouts",
    Command.SCREENSHOT: "TakeScreenshot",
}
"""What each of the commands that the tests use is called in Firefox's protocol."""


class Marionette:
    """A connection to a Firefox that listens on a port of this machine. Selenium's Remote takes it
    in place of a connection to a driver."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.answers = self.socket.makefile("rb")
        self.number = 0
        self.read()  # Firefox greets.

    def execute(self, command: str, params: dict | None) -> dict:
        """Runs a command of Selenium; the answer is in the form of a driver's."""
        params = {name: value for name, value in (params or {}).items() if name != "sessionId"}
        if command == Command.SWITCH_TO_FRAME and isinstance(params["id"], dict):
            params = {"element": params["id"][ELEMENT]}
        if command == Command.SCREENSHOT:
            params["full"] = False
        error, value = self.call(f"WebDriver:{COMMANDS[command]}", params)
        if error:
            return {"status": error["error"], "value": error}
        only = isinstance(value, dict) and list(value) == ["value"]
        return {"value": value["value"] if only else value}

    def as_browser(self, script: str, *args):
        """Runs JavaScript with the rights of Firefox itself, not of a page; `args[args.length - 1]`
        takes what it gives."""
        self.call("Marionette:SetContext", {"value": "chrome"})
        params = {"script": script, "args": list(args)}
        error, value = self.call("WebDriver:ExecuteAsyncScript", params)
        self.call("Marionette:SetContext", {"value": "content"})
        assert error is None, error
        return value["value"]

    def call(self, name: str, params: dict) -> tuple:
        """Sends a command of Firefox's protocol; returns its error, or None, and its result."""
        self.number += 1
        data = json.dumps([0, self.number, name, params]).encode()
        self.socket.sendall(b"%d:%b" % (len(data), data))
        _, number, error, result = self.read()
        assert number == self.number
        return error, result

    def read(self):
        """Reads what comes next: its length, a colon, JSON."""
        length = b""
        while (one := self.answers.read(1)) != b":":
            assert one, "Firefox has ended"
            length += one
        return json.loads(self.answers.read(int(length)))

    def close(self) -> None:
        self.answers.close()
        self.socket.close()


def start_firefox(folder: Path) -> tuple[subprocess.Popen, webdriver.Remote]:
    """Starts a Firefox without a display, with a profile in `folder`; returns its process and what
    drives it."""
    (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(program("setpriv"), "--pdeathsig", "KILL", program("firefox-esr")),
                *("--headless", "--no-remote", "--profile", str(folder)),
                *("--marionette", "--remote-allow-system-access"),
            ],
            env={**os.environ, "HOME": str(folder)},
            stdout=log,
            stderr=log,
        )
    port = folder / "MarionetteActivePort"
    deadline = time.monotonic() + START_WITHIN
    while not (port.exists() and port.read_text()):
        late = time.monotonic() > deadline or process.poll() is not None
        assert not late, f"Firefox did not start:\n{(folder / 'firefox.log').read_text()}"
        time.sleep(0.05)
    driver = webdriver.Remote(
        command_executor=Marionette(int(port.read_text())),
        options=webdriver.FirefoxOptions(),
        file_detector=UselessFileDetector(),  # It runs on this machine: a path is enough.
    )
    return process, driver
