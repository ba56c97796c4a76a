"""While many new visitors come from one address, a page computes before its first message."""

import itertools
import json
import re
import urllib.request
from contextlib import suppress
from hashlib import sha256
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from .conftest import Server
from .pages import looks, sees, shot, state_of, write


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its own, with the product's limits: what an address may bring is used up for others."""
    server = Server(tmp_path_factory.mktemp("flooded"), "kefu.settings")
    server.start()
    server.arrange(
        "from accounts.models import Enterprise\nEnterprise.objects.update(challenge=True)"
    )
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def flood(server):
    """So many have written from here that the next one is asked; three more that have solved it,
    as one is let in again every five seconds."""
    while come(server.url):
        pass
    for _ in range(3):
        come(server.url, solved=True)


def come(url: str, solved: bool = False) -> bool:
    """Whether a new visitor's message is stored at once."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{url}/chat/demo/").read()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = {"content": "a newcomer", "csrfmiddlewaretoken": token}
    asked = urllib.request.Request(f"{url}/chat/demo/messages/")
    asked.add_header("Accept", "application/json")
    try:
        browser.open(asked, urlencode(form).encode()).read()
    except HTTPError as refusal:
        challenge = json.load(refusal)["challenge"]
        if solved:
            form["proof"] = solve(**challenge)
            # Past the limit of all, with all the looks together.
            with suppress(HTTPError):
                browser.open(asked, urlencode(form).encode()).read()
        return False
    return True


def solve(salt: str, bits: int) -> str:
    for number in itertools.count():
        proof = f"{salt}.{number}"
        if int.from_bytes(sha256(proof.encode()).digest(), "big") >> (256 - bits) == 0:
            return proof


@looks
def test_a_page_computes_and_the_text_goes_out_once(browse, sign_in, look):
    words = f"one moment {look}"
    page = browse(**look)
    held = []
    page.route(re.compile(r"/proof[.\w]*\.js"), lambda route: held.append(route))
    page.goto("/chat/demo/")
    write(page, words)
    moment = "One moment…" if look.locale == "en-GB" else "请稍候…"
    expect(state_of(page, words)).to_have_text(re.compile(moment))
    write(page, f"and {words}")
    shot(page)
    assert len(held) == 1
    held[0].continue_()
    expect(state_of(page, words)).not_to_have_text(re.compile(moment))
    expect(state_of(page, f"and {words}")).to_have_text(re.compile("Sent|已发送"))
    page.reload()
    sees(page, words)
    sees(page, f"and {words}")
    agent = sign_in("alice")
    agent.locator(".inbox .row").filter(has_text=words).first.click()
    sees(agent, words)
    sees(agent, f"and {words}")
