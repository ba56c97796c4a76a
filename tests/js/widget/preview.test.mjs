import assert from "node:assert/strict";
import { test } from "node:test";

// Stands in for every element and property that a card needs.
const anything = new Proxy(function () {}, { get: () => anything, set: () => true, apply: () => anything, construct: () => anything });

test("an answer that was closed silences those before it, not those of another conversation", async () => {
  const kept = { "kefu:acme:seen": "7" };
  Object.assign(globalThis, {
    addEventListener() {},
    CSSStyleSheet: anything,
    document: { hidden: false, title: "", addEventListener() {}, createElement: () => anything },
    localStorage: { getItem: (name) => kept[name] },
    setTimeout() {},
    window: { Kefu: { on() {} } },
  });
  const { start } = await import("../../../static/js/widget/preview.js");
  const shown = async (news) => {
    let cards = 0;
    const root = { querySelector: () => ({ getAttribute: () => "false" }), appendChild: () => (cards += 1) && anything };
    await start(root, {}, async () => ({ news }), "kefu:acme", 1);
    return cards;
  };
  assert.equal(await shown({ id: 7, seq: 9 }), 0);
  assert.equal(await shown({ id: 8, seq: 2 }), 1);
});
