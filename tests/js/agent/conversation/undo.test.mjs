import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isDone, Undo, wayBack } from "../../../../static/js/agent/conversation/undo.js";
import { Clock } from "../../helpers.mjs";

const ME = "me";
const FREE = { open: true, claimed_by: null, snoozed_until: null, tags: ["vip"] };
const MINE = { ...FREE, claimed_by: ME };
const names = (steps) => steps.map(({ action }) => action);

describe("the way back", () => {
  it("leads to what was before", () => {
    assert.deepEqual(names(wayBack({ action: "claim" }, FREE, ME)), ["release"]);
    assert.deepEqual(names(wayBack({ action: "release" }, MINE, ME)), ["claim"]);
    assert.deepEqual(names(wayBack({ action: "close" }, FREE, ME)), ["reopen"]);
    assert.deepEqual(names(wayBack({ action: "close" }, MINE, ME)), ["reopen", "claim"]);
    assert.deepEqual(names(wayBack({ action: "snooze" }, FREE, ME)), ["wake"]);
    assert.deepEqual(wayBack({ action: "untag", tag: "vip" }, FREE, ME), [{ action: "tag", tag: "vip" }]);
    assert.deepEqual(names(wayBack({ action: "spam" }, { ...FREE, quarantined: "links" }, ME)), ["not_spam"]);
  });

  it("is none where it would lead elsewhere", () => {
    const theirs = { ...FREE, claimed_by: "bob" };
    assert.deepEqual(wayBack({ action: "claim", take_over: "1" }, theirs, ME), []);
    assert.deepEqual(wayBack({ action: "release" }, theirs, ME), []);
    assert.deepEqual(wayBack({ action: "snooze" }, { ...FREE, snoozed_until: "2026-01-01" }, ME), []);
    for (const action of ["transfer", "invite", "remove", "leave", "reopen", "wake", "spam", "not_spam"]) {
      assert.deepEqual(wayBack({ action }, MINE, ME), []);
    }
  });

  it("is offered once the conversation is what was asked for, not before", () => {
    const after = {
      claim: MINE,
      release: FREE,
      close: { ...FREE, open: false },
      snooze: { ...FREE, snoozed_until: "2026-01-01" },
      untag: { ...FREE, tags: [] },
      spam: { ...FREE, open: false, quarantined: null },
      not_spam: { ...FREE, quarantined: null },
    };
    const before = { ...after, spam: { ...FREE, quarantined: "same" }, not_spam: { ...FREE, quarantined: "same" }, claim: FREE, release: MINE, close: FREE, snooze: FREE, untag: FREE };
    for (const action of Object.keys(after)) {
      assert.equal(isDone({ action, tag: "vip" }, before[action], ME), false, action);
      assert.equal(isDone({ action, tag: "vip" }, after[action], ME), true, action);
    }
    const given = { ...FREE, claimed_by: "bob", team: "refunds" };
    for (const to of [{ member: "bob" }, { team: "refunds" }]) {
      assert.equal(isDone({ action: "transfer", ...to }, given, ME), true);
      assert.equal(isDone({ action: "transfer", ...to }, { ...FREE, team: "sales" }, ME), false);
    }
  });
});

describe("an offered way back", () => {
  function offered(fields, before, known) {
    const toast = { querySelector: () => ({ addEventListener() {}, remove() {} }) };
    const template = { dataset: {}, content: { firstElementChild: { cloneNode: () => toast } } };
    const links = [];
    const link = (words) => Object.assign(words, { addEventListener: (_name, step) => links.push(step) });
    globalThis.document = { querySelector: (selector) => (selector === "#undo-template" ? template : null), createElement: () => link({}), head: { append() {} }, activeElement: null };
    const root = { shown: [], addEventListener() {}, contains: () => false, replaceChildren(...shown) { this.shown = shown; } };
    const undo = new Undo({ root, me: ME, act: async () => {}, onLeft() {}, clock: new Clock() });
    undo.styles = Promise.resolve();
    assert.equal(undo.offer({ fields, group: "g", before }, known), true);
    return { undo, root, toast };
  }
  const snoozed = { ...FREE, snoozed_until: "2026-01-01" };

  it("is none of a transfer, which is said all the same", async () => {
    const { root, toast } = offered({ action: "transfer", member: "bob" }, MINE, { ...FREE, claimed_by: "bob" });
    await null, await null;
    assert.deepEqual(root.shown, [toast]);
  });

  it("goes when what it leads back from is so no more", async () => {
    const { undo, root, toast } = offered({ action: "snooze" }, FREE, snoozed);
    await null, await null;
    assert.deepEqual(root.shown, [toast]);
    undo.look("another", FREE);
    undo.look("g", snoozed);
    assert.deepEqual(root.shown, [toast]);
    undo.look("g", FREE);
    assert.deepEqual(root.shown, []);
  });

  it("is not shown late, when it has gone already", async () => {
    const { undo, root } = offered({ action: "snooze" }, FREE, snoozed);
    undo.look("g", FREE);
    await null, await null;
    assert.deepEqual(root.shown, []);
  });
});
