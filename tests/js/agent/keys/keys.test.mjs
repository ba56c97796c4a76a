import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { acts, meant, TABLE } from "../../../../static/js/agent/keys/keys.js";
import { best, fit } from "../../../../static/js/agent/pickers/choice_list.js";

const press = (key, more = {}) => ({ key, keyCode: 0, defaultPrevented: false, isComposing: false, ...more });
const name = (event, { typing = false, single = true } = {}) => meant(event, { typing, single })?.name ?? null;

describe("a key", () => {
  it("means what the table says, with caps lock too", () => {
    assert.equal(name(press("j")), "next");
    assert.equal(name(press("C")), "claim");
    assert.equal(name(press("?", { shiftKey: true })), "sheet");
    assert.equal(name(press("3")), "views");
    assert.deepEqual(["f", "m"].map((key) => name(press(key))), ["draft", "summary"]);
    assert.equal(name(press("q")), null);
  });

  it("means nothing while somebody types, but for Escape and the palette", () => {
    for (const key of ["j", "c", "/", "?", "1"]) assert.equal(name(press(key), { typing: true }), null);
    assert.equal(name(press("Escape"), { typing: true }), "back");
    assert.equal(name(press("k", { ctrlKey: true }), { typing: true }), "palette");
  });

  it("is the input method's while that composes", () => {
    assert.equal(name(press("c", { isComposing: true })), null);
    assert.equal(name(press("c", { keyCode: 229 })), null);
    assert.equal(name(press("Escape", { isComposing: true }), { typing: true }), null);
  });

  it("is somebody else's with a modifier, or where it was taken already", () => {
    for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { shiftKey: true }, { defaultPrevented: true }]) {
      assert.equal(name(press("c", more)), null);
    }
    assert.equal(name(press("k", { ctrlKey: true, shiftKey: true })), null);
    assert.equal(name(press("k", { metaKey: true })), null);
    assert.equal(name(press("k", { ctrlKey: true, altKey: true })), null);
  });

  it("acts once however long it is held, but moves on through the list", () => {
    assert.equal(name(press("c", { repeat: true })), null);
    assert.equal(name(press("j", { repeat: true })), "next");
  });

  it("alone does nothing once that is switched off; Escape, arrows and the palette stay", () => {
    const off = { single: false };
    for (const key of ["j", "c", "/", "?", "1"]) assert.equal(name(press(key), off), null);
    assert.equal(name(press("Escape"), off), "back");
    assert.equal(name(press("ArrowDown"), off), "next");
    assert.equal(name(press("k", { ctrlKey: true }), off), "palette");
  });
});

describe("the table of keys", () => {
  it("gives no key to two actions", () => {
    const keys = TABLE.filter(acts).flatMap((entry) => entry.keys ?? []);
    assert.deepEqual(keys, [...new Set(keys)]);
  });

  it("names every action by its control, or by a word of its own", () => {
    const words = readFileSync(new URL("../../../../templates/chat/workspace/_keys.html", import.meta.url), "utf8");
    for (const entry of TABLE) {
      const own = entry.part || entry.press || entry.pick;
      assert.ok(own || words.includes(`data-key="key_${entry.name}"`), entry.name);
    }
  });
});

describe("what the palette finds", () => {
  it("is told by how well it fits", () => {
    assert.equal(fit("Close conversation", "cl"), 0);
    assert.equal(fit("Close conversation", "conv"), 1);
    assert.equal(fit("Close conversation", "lose"), 2);
    assert.equal(fit("Close conversation", "ccv"), 3);
    assert.equal(fit("Close conversation", "xyz"), null);
    assert.equal(fit("转给同事…", "同事"), 2);
    assert.equal(fit("转给同事…", "转同"), 3);
    assert.equal(fit("a.b", "."), 2);
    assert.equal(fit("anything", "  "), 0);
  });

  it("stands in that order, and is bounded", () => {
    const choices = ["recall", "claim", "clear", "a claim"].map((each) => ({ name: each }));
    assert.deepEqual(best(choices, "cla", 8).map(({ name: one }) => one), ["claim", "a claim", "clear"]);
    assert.equal(best(Array.from({ length: 99 }, () => ({ name: "x" })), "x", 8).length, 8);
  });
});
