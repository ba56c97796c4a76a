"""Nothing runs either of what comes to a browser while a page is open."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.sounds import ALLOWED, EARS

from ..pages import sees, until
from .eyes import CODE, MOST, TALL, look
from .payloads import PAYLOADS, WHOLE

pytestmark = pytest.mark.release

SAY = """
async ([address, all]) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const say = async (fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return (await fetch(address, { method: "POST", body, headers })).status;
  };
  const answers = [];
  while (all.length) answers.push(...(await Promise.all(all.splice(0, 30).map(say))));
  return answers;
}
"""
DRAFT = """
async (drafts) => {
  const { socket, group } = document.body.dataset;
  const line = new WebSocket(location.origin.replace("http", "ws") + socket);
  await new Promise((done) => (line.onmessage = done));
  for (const draft of drafts) {
    line.send(JSON.stringify({ type: "typing", group, draft }));
    await new Promise((done) => setTimeout(done, 5));
  }
  window.line = line;
}
"""


def test_what_comes_while_a_page_is_open_is_text(trapped, member, watch, places):
    """Messages, drafts, names and tags by the socket; and a desktop notification of them."""
    watch.expect(r"status of 4(00|13) .* \S+/(visitor|actions)/")
    away = member(f"{CODE}-alice", script=EARS, **ALLOWED)
    away.keyboard.press("Shift")
    alice = member(f"{CODE}-alice")
    alice.goto(f"/agent/c/{places['long']}/")
    visitor = trapped({"name": places["cookie"], "value": places["token"]}, viewport=TALL)
    visitor.goto(f"/chat/{CODE}/")
    texts = [{"content": text, "client_id": str(uuid4())} for text in PAYLOADS]
    for some in (texts, [{"content": "the last one", "client_id": str(uuid4())}]):
        assert set(visitor.evaluate(SAY, [f"/chat/{CODE}/messages/", some])) == {200}
    sees(alice, "the last one")

    visitor.evaluate(DRAFT, PAYLOADS)
    expect(alice.locator(".typing")).to_contain_text(PAYLOADS[-1])
    names = [{"action": "edit", "name": text, "contact": text} for text in PAYLOADS[::7]]
    tags = [{"action": "tag", "tag": text} for text in PAYLOADS if len(text) <= 30][::6]
    for place, fields in (("visitor", names), ("actions", tags)):
        said = alice.evaluate(SAY, [f"/agent/c/{places['long']}/{place}/", fields])
        assert said.count(200) > len(fields) / 2 and set(said) <= {200, 400, 413}
    expect(alice.locator("#thread-name")).not_to_have_text(WHOLE)

    until(away, "told.length > 0")
    for page in (alice, visitor):
        assert len(look(page)) >= MOST
    look(away)
    titles, bodies = zip(*away.evaluate("told"), strict=True)
    assert PAYLOADS[0] in titles[0] and "hit" in " ".join(bodies)
