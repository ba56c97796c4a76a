"""The corpus is worth something: what is in it runs, where nobody keeps it from doing so."""

import re

import pytest

from chat.channels.mail import markup

from .payloads import ELSEWHERE, LISTED, PAYLOADS, WHOLE, naive

pytestmark = pytest.mark.release

HIT = "window.hit = (number) => console.log(`hit ${number}`);"
TRUST = """
async (pages) => {
  const frames = pages.map((page) => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    frame.srcdoc = page;
    return frame;
  });
  await Promise.all(frames.map((frame) => new Promise((done) => (frame.onload = done))));
  await new Promise((done) => setTimeout(done, 300));
  for (const frame of frames) {
    // Gone elsewhere, by its payload.
    if (!frame.contentDocument) continue;
    for (const element of frame.contentDocument.querySelectorAll("body *")) {
      for (const kind of ["mouseover", "pointerenter", "focus", "click"])
        element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true }));
    }
  }
  await new Promise((done) => setTimeout(done, 500));
}
"""


def fired_by(chromium, pages: list[str]) -> set[int]:
    """The numbers of what runs on these pages as they come, and as somebody points and clicks."""
    context = chromium.new_context()
    context.add_init_script(HIT)
    page = context.new_page()
    fired = set()

    def told(text: str) -> None:
        if found := re.match(r"(?:hit )?(\d+)\Z", text):
            fired.add(int(found[1]))

    def alerted(dialog) -> None:
        told(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: told(message.text))
    page.on("dialog", alerted)
    page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<body>"))
    page.goto("http://naive.test/")
    page.evaluate(TRUST, pages)
    context.close()
    return fired


def test_every_payload_runs_on_a_page_that_trusts_it(chromium):
    fired = fired_by(chromium, [naive(number) for number in range(len(LISTED))])
    unfired = [naive(number) for number in range(len(LISTED)) if number not in fired]
    assert not unfired, "\n".join(unfired)


def test_none_runs_in_a_mails_html_even_without_its_frames_policy(chromium):
    sources = [*map(naive, range(len(LISTED))), *PAYLOADS, WHOLE]
    assert not fired_by(chromium, [markup.shown(each, lambda _cid: None) for each in sources])


def test_there_are_more_than_a_hundred_and_each_has_its_number():
    assert len(LISTED) >= 100 and len(set(LISTED)) == len(LISTED)
    assert len(PAYLOADS) == len(LISTED) + len(ELSEWHERE) == len(set(PAYLOADS))
    for number, text in enumerate(PAYLOADS):
        assert f"{number}" in re.findall(r"\d+", text) and text in WHOLE
