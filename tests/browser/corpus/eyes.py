"""Looks at a page on which hostile texts stand: whether one of them became anything but text."""

import re

from .payloads import PAYLOADS

CODE = "corpus"
"""The enterprise that has it all."""
MOST = len(PAYLOADS) - 5
"""How many a page that shows them all shows whole: some hold a NUL, which no page keeps."""
TALL = {"width": 1360, "height": 1_400}
TRAP = "window.hit = (number) => console.error(`hit ${number}`);"
"""In every frame from its beginning, so that whatever runs anywhere is a complaint of the page."""

FOREIGN = """
() => {
  const TEXTS = /^(alt|content|data-.*|aria-label|download|label|placeholder|title|value)$/;
  const ADDRESSES = /^(action|background|data|formaction|href|poster|src|xlink:href)$/;
  const RARE = "applet,base,embed,form[action^='//'],frame,frameset,link[href*=hit],marquee,math,"
    + "meta[http-equiv],object,plaintext,xmp,b[x],iframe:not(.preview):not([allow^=autoplay])";
  const OURS = /hit\\W*\\d|hit\\.example/;
  const found = [];
  const wrong = (element, why) => found.push(`${why}: ${element.outerHTML.slice(0, 200)}`);
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(RARE)) wrong(element, "element");
      if (element.matches("script, style") && OURS.test(element.textContent))
        wrong(element, "text");
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || OURS.test(name)) wrong(element, name);
        else if (ADDRESSES.test(name)) {
          const url = URL.parse(value, document.baseURI);
          const picture = name === "src" || element.matches("a[download], link[rel=icon]");
          const image = picture && /^data:image\\/(png|svg\\+xml)[;,]/.test(value);
          if (url && !/^https?:$/.test(url.protocol) && !image) wrong(element, name);
        } else if (OURS.test(value) && !TEXTS.test(name)) wrong(element, name);
      }
      if (element.localName === "template") look(element.content);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return found;
}
"""
SHOWN = """
(payloads) => {
  const texts = new Set();
  const read = (root) => {
    // A text may be cut into links and marks.
    for (const element of root.querySelectorAll(":not(:has(:not(a, mark, br)))"))
      texts.add(element.textContent);
    for (const element of root.querySelectorAll("*")) {
      for (const { value } of element.attributes) texts.add(value);
      if (element.value) texts.add(String(element.value));
      if (element.shadowRoot) read(element.shadowRoot);
    }
  };
  read(document);
  const shown = [...texts].join(" ").replace(/[\\s\\0\ufffd]+/g, "");
  return payloads.flatMap((payload, number) => (shown.includes(payload) ? [number] : []));
}
"""


def squeeze(text: str) -> str:
    """Without what HTML leaves out of a text, or makes another of."""
    return re.sub(r"[\s\0\ufffd]+", "", text)


SQUEEZED = list(map(squeeze, PAYLOADS))


def look(page) -> set[int]:
    """The numbers of the payloads that stand whole on the page and in its frames; fails where one
    of them is more than text."""
    seen = set()
    for frame in page.frames:
        found = frame.evaluate(FOREIGN)
        assert found == [], (frame.url, found)
        seen |= set(frame.evaluate(SHOWN, SQUEEZED))
    return seen


def visit(page, path: str, least: int = 0) -> set[int]:
    """Goes there and looks; `least` so many payloads have to be seen."""
    page.goto(path)
    where = page.url
    page.wait_for_timeout(40)
    seen = look(page)
    assert page.url == where and len(seen) >= least, (path, page.url, len(seen))
    return seen
