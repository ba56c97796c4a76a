"""The product as a stranger meets it: served on a database of its own, with its commands, and a
visitor at its chat page."""

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from http.cookiejar import CookieJar
from pathlib import Path

from tests.collected import lend_static_files
from tests.plugins.services import free_port
from tests.serving import ROOT, lines_until, serve

WITHIN = 20
"""Seconds that an answer may take."""


class Product:
    """bin/serve on a database of its own, with the demo's people."""

    def __init__(self, folder: Path, **environment: str):
        self.folder, self.port = folder, free_port()
        self.environment = {"DATABASE_URL": "", "REDIS_URL": "", "DEMO": "accounts"}
        self.environment |= {"PORT": str(self.port), "DEMO_PASSWORD": "three agents and a tea pot"}
        lend_static_files(folder)
        self.process = serve(folder, **self.environment, **environment)
        lines_until(self.process, "ready ")

    def manage(self, *command: str) -> str:
        environment = {**os.environ, **self.environment, "DATA_DIR": str(self.folder)}
        run = [sys.executable, str(ROOT / "manage.py"), *command]
        return subprocess.run(
            run, env=environment, check=True, capture_output=True, text=True
        ).stdout

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, name: str, *words: str, enterprise: str = "demo") -> str:
        """An access token for a program of this name; `words` go on in the command."""
        printed = self.manage("create_token", name, "--enterprise", enterprise, *words)
        return printed.splitlines()[-1]

    def team_with_bot(self, slug: str) -> str:
        """The token of a bot in a team of its own."""
        self.manage("team", slug, "--enterprise", "demo")
        return self.token(slug, "--bot", "--team", slug)


class Visitor:
    """A browser without scripts."""

    def __init__(self, port: int, slug: str):
        self.site, self.slug = f"http://127.0.0.1:{port}", slug
        self.begin()

    def begin(self) -> None:
        self.jar = CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.browser.open(f"{self.site}/chat/demo/?team={self.slug}").read()

    def say(self, text: str) -> None:
        token = next(one.value for one in self.jar if one.name == "csrftoken")
        form = {"content": text, "client_id": str(uuid.uuid4()), "csrfmiddlewaretoken": token}
        self.browser.open(self.place, urllib.parse.urlencode(form).encode()).read()

    @property
    def place(self) -> str:
        return f"{self.site}/chat/demo/messages/?team={self.slug}"

    def thread(self) -> list[tuple[str, str]]:
        """What the visitor sees: roles and texts, of notices their events."""
        found = json.loads(self.browser.open(self.place).read())["messages"]
        return [
            (one["sender_role"], (one["data"] or {}).get("event", one["content"])) for one in found
        ]

    def reads(self, role: str, text: str) -> None:
        until = time.monotonic() + WITHIN
        while (role, text) not in (thread := self.thread()):
            assert time.monotonic() < until, thread
            time.sleep(0.1)

    def wait_for_bot(self) -> None:
        """Until a conversation that begins is the bot's: it needs a moment to connect."""
        until = time.monotonic() + WITHIN
        while True:
            self.begin()
            self.say("hours?")
            opened = json.loads(self.browser.open(self.place).read())["messages"][0]
            if opened["data"].get("bot"):
                return self.begin()
            assert time.monotonic() < until, "the bot did not connect"
            time.sleep(0.2)
