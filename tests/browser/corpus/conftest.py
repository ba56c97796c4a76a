"""A server of its own, full of the corpus; and pages on which whatever runs fails the test."""

import json
import subprocess
import sys

import pytest

from ..conftest import PASSWORD, ROOT, Server
from .eyes import CODE, TALL, TRAP


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One of its own: its front door and its lists are full of this."""
    server = Server(tmp_path_factory.mktemp("corpus"))
    # Printed mails would fill the pipe that nobody reads.
    server.environment |= {"RATE_LIMITS": "off", "EMAIL_URL": "memorymail://"}
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def places(server) -> dict:
    """What planting.py tells of where everything stands."""
    command = [sys.executable, "-m", "tests.browser.corpus.planting", CODE]
    made = subprocess.run(
        command, env=server.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return json.loads(made.stdout)


@pytest.fixture
def trapped(chromium, server, watch):
    """A function: a page of a new browser context in which whatever runs is a complaint."""
    contexts = []
    # The pictures of faces that are not there: their addresses are payloads, and one leads upwards.
    watch.expect(r"status of 404 \(Not Found\) \S+/(avatars/|%3Csvg%20onload=hit\(79\))")

    def opened(*cookies, script: str = "", **options):
        context = chromium.new_context(base_url=server.url, locale="en-GB", **options)
        context.set_default_timeout(20_000)
        context.add_init_script(TRAP + script)
        context.add_cookies([{"url": server.url, **cookie} for cookie in cookies])
        contexts.append(context)
        page = context.new_page()
        watch.page(page)
        page.on("dialog", lambda dialog: said(dialog))
        return page

    def said(dialog):
        watch.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def member(trapped):
    """A function: a page on which a member has signed in."""

    def signed_in(name: str, login: str = "/agent/login/?next=/agent/", **options):
        page = trapped(viewport=TALL, **options)
        page.goto(login)
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button.primary, [type=submit]")
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return signed_in
