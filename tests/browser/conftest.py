"""A served product and a real browser. Every page is watched: a console error, a report of
the security policy, an uncaught exception or a request to another host fails its test."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import expect, sync_playwright

from crash.proxy import Mischief, Proxy
from tests.collected import lend_static_files
from tests.plugins.services import free_port, program

from .pages import PATIENCE
from .shop import Shop

expect.set_options(timeout=PATIENCE)

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "three agents and a tea pot"
FRESH = 600
"""Seconds for which a session is used again, less than a proof counts (factors/fresh.py)."""
LAN_NAME = "kefu.test"
"""A name under which the product is no secure context, as on a local network without TLS."""
CHROMIUM = (
    f"--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1",
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    # An answer that a test changes on its way has no address, so a frame's socket would be refused.
    "--disable-features=LocalNetworkAccessChecks",
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def browser_program() -> str:
    """Chromium without windows, or the whole one, which takes a third more time of a processor."""
    return shutil.which("chromium-headless-shell") or program("chromium")


REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Server:
    """`bin/serve` with the demo's people, on a free port and a folder of its own."""

    def __init__(self, folder: Path, settings: str = "tests.browser.settings"):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.beside = None
        self.named = Counter()
        self.sessions: dict[str, tuple[float, list]] = {}
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "KEFU_TEST_DATABASE")
        }
        self.environment |= {
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "DEMO_PASSWORD": PASSWORD,
            # Without these nobody is asked for an address to which answers are mailed.
            "PUBLIC_URL": self.url,
            "EMAIL_URL": "memorymail://",
            "AI_ALLOW": "127.0.0.0/8",
            "CHANNEL_ALLOW": "127.0.0.0/8",
            "PUSH_ALLOW": "127.0.0.0/8",
            "DEMO": "accounts",
            "DJANGO_SETTINGS_MODULE": settings,
            "ALLOWED_HOSTS": f"127.0.0.1,localhost,{LAN_NAME}",
        }

    def start(self) -> None:
        lend_static_files(self.folder)
        log = self.folder / "serve.log"  # A pipe that nobody reads is full one day.
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "bin" / "serve")],
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        while self.process.poll() is None:
            if "\nready " in log.read_text(errors="replace"):
                return
            time.sleep(0.1)
        pytest.fail(f"bin/serve did not get ready:\n{log.read_text(errors='replace')}")

    def sql(self, statement: str, *values) -> list[tuple]:
        """The rows that a statement answers; what it does is stored."""
        with closing(sqlite3.connect(self.folder / "kefu.sqlite3", timeout=20)) as base, base:
            return base.execute(statement, values).fetchall()

    def arrange(self, script: str) -> str:
        """Runs Python in a process beside the server; returns what it prints."""
        if self.beside is None:
            self.beside = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.beside"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.beside.stdin.write(json.dumps(script) + "\n")
        self.beside.stdin.flush()
        printed, failed = json.loads(self.beside.stdout.readline())
        assert not failed, failed
        return printed

    def command(self, *words: str) -> str:
        """Runs one of the product's commands in that process; returns what it prints."""
        run = f"from django.core.management import call_command\ncall_command{words!r}"
        return self.arrange(run)

    def stop(self) -> None:
        if self.beside:
            self.beside.communicate()
        self.process.terminate()
        self.process.wait(timeout=120)


@pytest.fixture(scope="session")
def server(tmp_path_factory, django_db_setup):
    server = Server(tmp_path_factory.mktemp("serve"))
    # It has all tables, which takes a start two seconds.
    shutil.copy(connection.settings_dict["NAME"], server.folder / "kefu.sqlite3")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=CHROMIUM)
        yield browser
        browser.close()


class Watch:
    """What pages complained about. A test that provokes something says so by `expect`."""

    def __init__(self, host: str):
        self.host = host
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def expect(self, pattern: str) -> None:
        self.expected.append(pattern)

    def page(self, page) -> None:
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("console", self.console)
        page.on("request", self.request)

    def console(self, message) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} {message.location.get('url', '')}")

    def request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.complaints.append(f"foreign host: {request.url}")

    def unexpected(self) -> list[str]:
        return [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.expected)
        ]


@pytest.fixture
def watch(server):
    watch = Watch(f"127.0.0.1:{server.port}")
    yield watch
    assert watch.unexpected() == []


@pytest.fixture
def browse(chromium, server, watch):
    """A function: a page in a browser context of its own (cookies, storage) at a path."""
    contexts = []

    def open_page(path: str = "/", context=None, cookies=(), **options):
        if context is None:
            # What a worker answers, no test can hold up or change on its way.
            usual = {"locale": "en-GB", "service_workers": "block"}
            options = {"base_url": server.url, **usual, **options}
            context = chromium.new_context(**options)
            context.set_default_timeout(PATIENCE)
            context.add_cookies(cookies)
            contexts.append(context)
        page = context.new_page()
        watch.page(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def enterprise(server):
    """A function: the code of an enterprise of its own, with its agents CODE-alice, CODE-bob and
    CODE-carol, for a test that what others leave in the demo would disturb. Where a name comes
    again, as in another look, its code gets a number."""

    def made(name: str, conversations: int = 0, messages: int = 0) -> str:
        code = name.lower()
        server.named[code] += 1
        if server.named[code] > 1:
            code += f"-{server.named[code]}"
        filled = f"{code!r}, {conversations}, {messages}"
        server.arrange(f"from tests.browser import fill_database\nfill_database.fill({filled})")
        return code

    return made


@pytest.fixture
def sign_in(browse, server):
    """A function: the workspace of a member of the demo, or of an `enterprise`, which opens on the
    view `view`; `opens_next`: and the next conversation after a finished one. Who has signed in
    before, and not out since, does not do so again: a password takes as long as a page."""

    def signed_in(name: str, view: str = "all", opens_next: bool = False, **options):
        server.sql(
            "UPDATE member SET inbox_view = ?, inbox_team = '', inbox_sort = '', opens_next = ?"
            " WHERE name = ?",
            *(view, opens_next, name),
        )
        since, kept = server.sessions.get(name, (0, ()))
        # An older session has to prove anew who it is before it erases or exports.
        cookies = kept if time.monotonic() - since < FRESH else ()
        page = browse("/agent/", cookies=cookies, **options)
        if "/agent/login/" in page.url:
            page.fill("[name=username]", name)
            page.fill("[name=password]", PASSWORD)
            page.click("main button.primary")
            page.wait_for_url("**/agent/")
            cookies = page.context.cookies()
            kept = [one for one in cookies if one["name"] == "sessionid"]
            server.sessions[name] = time.monotonic(), kept
        return page

    return signed_in


class Line:
    """A proxy in a thread of its own; `mischief` may be changed at any time."""

    def __init__(self, target: int):
        self.mischief = Mischief()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.proxy = self.run(Proxy(target, Random(5), self.mischief).start())
        self.url = f"http://127.0.0.1:{self.proxy.port}"

    def cut(self) -> None:
        """Ends every connection, and refuses new ones."""
        self.run(self.proxy.close())

    def mend(self) -> None:
        """Serves again at the same address."""
        self.run(self.proxy.start(self.proxy.port))

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def end(self) -> None:
        self.run(self.proxy.close())
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def line(server, watch):
    line = Line(server.port)
    # The proxy's port is foreign to a watch that knows the server's; cuts are what this is about.
    watch.expect(rf"foreign host: \w+://127.0.0.1:{line.proxy.port}/|WebSocket|ERR_")
    yield line
    line.end()


def allow(server, *sites: str) -> None:
    """As a manager lists the demo's sites."""
    server.sql("UPDATE enterprise SET sites = ? WHERE code = 'demo'", "\n".join(sites))


@pytest.fixture(scope="module")
def shops(server):
    """Two sites, of which the enterprise lists the first."""
    shops = [Shop(server.url), Shop(server.url)]
    allow(server, shops[0].url)
    yield shops
    allow(server)
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(shops, watch):
    watch.expect(rf"foreign host: {shops[0].url}/")
    watch.expect(r"favicon.ico")
    return shops[0]


@pytest.fixture(scope="module")
def token(server):
    """What the site's own server makes for one who is signed in there."""
    [(secret,)] = server.sql("SELECT identity_secret FROM enterprise WHERE code = 'demo'")

    def sign(who: str, **facts) -> str:
        facts = {"id": who, "exp": int(time.time()) + 600, **facts}
        payload = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode().rstrip("=")
        return (
            f"{payload}.{hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()}"
        )

    return sign
