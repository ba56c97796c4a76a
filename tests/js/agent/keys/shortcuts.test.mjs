import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Shortcuts } from "../../../../static/js/agent/keys/shortcuts.js";

describe("the focus", () => {
  let page, root, shortcuts;
  beforeEach(() => {
    page = {};
    const part = (name) => {
      const heard = new EventTarget();
      const focus = () => (document.activeElement = page[name]);
      return Object.assign(heard, { focus, closest: () => null, getClientRects: () => [1], addEventListener: heard.addEventListener });
    };
    for (const name of [".inbox", ".keys-open", ".opened", ".opened .scroller", ".row [aria-current]"]) page[name] = part(name);
    root = Object.assign(part(), { querySelector: (name) => page[name] ?? null, querySelectorAll: () => [] });
    globalThis.document = { addEventListener() {}, activeElement: root };
    shortcuts = new Shortcuts({ root });
  });
  const focused = () => Object.keys(page).find((name) => page[name] === document.activeElement);
  const click = (type, detail) => {
    const target = { closest: (selector) => selector.startsWith(".row a") };
    for (const [name, more] of [[type, type === "keydown" ? { key: "Enter" } : {}], ["click", { detail, target }]]) {
      const event = new Event(name);
      for (const [key, value] of Object.entries(more)) Object.defineProperty(event, key, { value });
      page[".inbox"].dispatchEvent(event);
    }
  };

  it("stays with the list after a click on a row, also where that focuses no link", () => {
    click("pointerdown", 1);
    shortcuts.shown();
    assert.equal(focused(), undefined);
    shortcuts.shown();
    assert.equal(focused(), ".opened .scroller", "what had it is gone");
  });

  it("follows a row that was opened by a key", () => {
    page[".inbox"].focus();
    click("keydown", 1);
    shortcuts.shown();
    assert.equal(focused(), ".opened .scroller");
  });
});
