import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Closing } from "../../../static/js/visitor/closing.js";
import { UNDO_WITHIN, leftOut, Undone } from "../../../static/js/visitor/undone.js";
import { Timeline } from "../../../static/js/connection/timeline.js";
import { Clock } from "../helpers.mjs";

const BEGIN = 1_000_000;
const at = (seconds) => new Date(BEGIN + seconds * 1000).toISOString();
const notice = (seq, event, seconds, data) => ({ seq, kind: "notice", created_at: at(seconds), data: { event, ...data } });
const closed = (seq, seconds, by = "alice") => notice(seq, "closed", seconds, { by });
const reopened = (seq, seconds, by = "alice") => notice(seq, "reopened", seconds, { by });
const claimed = (seq, seconds, member = "alice") => notice(seq, "claimed", seconds, { member });
const said = (seq, seconds) => ({ seq, kind: "message", created_at: at(seconds), data: null });

const old = () => false;
const left = (messages, isHeld = old) => [...leftOut(messages, "me", isHeld)];

describe("what is left out", () => {
  it("is a close and its reopening by one member within ten seconds", () => {
    assert.deepEqual(left([said(1, 0), closed(2, 1), reopened(3, 11)]), [2, 3]);
    assert.deepEqual(left([closed(2, 1), reopened(3, 11.001)]), []);
    assert.deepEqual(left([closed(2, 1), reopened(3, 2, "bob")]), []);
    assert.deepEqual(left([closed(2, 1, "me"), reopened(3, 2, "me")]), [], "the visitor's own");
    assert.deepEqual(left([closed(2, 1, ""), reopened(3, 2, "")]), []);
    assert.deepEqual(left([reopened(3, 2)]), []);
  });

  it("is every pair, and nothing else that lies between", () => {
    assert.deepEqual(left([closed(2, 1), said(3, 2), reopened(4, 3), closed(5, 4), reopened(6, 5), closed(7, 6)]), [2, 4, 5, 6]);
  });

  it("is the claim that comes back with it, and no later one", () => {
    assert.deepEqual(left([closed(2, 1), reopened(3, 2), claimed(4, 2)]), [2, 3, 4]);
    assert.deepEqual(left([closed(2, 1), reopened(3, 2), claimed(4, 2, "bob")]), [2, 3]);
    assert.deepEqual(left([closed(2, 1), reopened(3, 2), claimed(4, 13)]), [2, 3]);
    assert.deepEqual(left([closed(2, 1), reopened(3, 2), said(4, 2), claimed(5, 3)]), [2, 3]);
    assert.deepEqual(left([claimed(2, 1)]), []);
  });

  it("is a close that is too new, except the visitor's own", () => {
    assert.deepEqual(left([closed(2, 1), reopened(3, 60), closed(4, 61)], ({ seq }) => seq === 4), [4]);
    assert.deepEqual(left([closed(4, 61, "me")], () => true), []);
    assert.deepEqual(left([closed(4, 61, "")], () => true), [4]);
  });
});

// A thread as a page has it; `ahead`: by how many seconds the server's clock is before the page's.
function page({ ahead = 0, messages = [], open = true } = {}) {
  const clock = new Clock(BEGIN);
  const timeline = new Timeline({ messages, completeTo: messages.at(-1)?.seq ?? 0 });
  const shown = new Set();
  const part = { hidden: false };
  const form = { hidden: true, dataset: { ready: "" }, elements: { score: [] }, resets: 0, reset: () => (form.resets += 1) };
  const bars = { form, menu: { querySelector: () => part } };
  const undone = new Undone({
    ...{ me: "me", clock },
    now: () => clock.now + ahead * 1000,
    messages: () => timeline.messages,
    show: (message) => undone.leaves(message) || shown.add(message.seq),
    remove: (seq) => shown.delete(seq),
    onShown: () => look(),
  });
  const closing = new Closing({ ...bars, leaves: (message) => undone.leaves(message), open, last_seq: timeline.completeTo });
  const look = () => closing.show({ group: "g", timeline });
  const comes = (message) => {
    timeline.add(message, timeline.completeTo);
    undone.show(message);
    look();
  };
  undone.review();
  look();
  return { clock, closing, comes, form, look, shown, timeline, undone, ended: () => !form.hidden };
}

describe("a thread", () => {
  it("shows a close and what comes with it once it is ten seconds old", async () => {
    const { clock, comes, ended, shown } = page();
    comes(said(1, 0));
    await clock.pass(3_000);
    comes(closed(2, 1));
    await clock.pass(7_999);
    assert.deepEqual([...shown, ended()], [1, false]);
    await clock.pass(2);
    assert.deepEqual([...shown, ended()], [1, 2, true]);
    await clock.pass(60_000);
    assert.equal(shown.size, 2);
  });

  it("shows nothing of a close that is undone, and goes on as before", async () => {
    const { clock, comes, ended, shown } = page();
    comes(said(1, 0));
    comes(closed(2, 0));
    await clock.pass(4_000);
    comes(reopened(3, 4));
    comes(claimed(4, 4));
    await clock.pass(60_000);
    assert.deepEqual([...shown, ended()], [1, false]);
    comes(closed(5, 64));
    await clock.pass(UNDO_WITHIN + 1);
    assert.deepEqual([...shown, ended()], [1, 5, true]);
  });

  it("takes back a close whose reopening was late on its way", async () => {
    const { clock, comes, ended, shown } = page();
    comes(closed(2, 0));
    await clock.pass(10_100);
    assert.deepEqual([...shown, ended()], [2, true]);
    comes(reopened(3, 9.9));
    assert.deepEqual([...shown, ended()], [false], "and the bar");
    await clock.pass(60_000);
    assert.deepEqual([...shown], []);
  });

  it("holds nothing back for more than ten seconds, whatever the clocks say", async () => {
    const { clock, comes, shown } = page({ ahead: -3600 });
    comes(closed(2, 0));
    await clock.pass(UNDO_WITHIN + 1);
    assert.deepEqual([...shown], [2]);
  });

  it("asks for a rating anew where it learns of a reopening and the next close together", () => {
    const { closing, ended, form, look, timeline } = page({ messages: [said(1, -90), closed(2, -80)], open: false });
    assert.deepEqual([ended(), form.resets], [true, 1]);
    closing.row({ open: false, last_seq: 4 });
    timeline.fill([reopened(3, -70), closed(4, -60)], 4, false);
    for (const _time of ["once", "again"]) {
      look();
      assert.deepEqual([ended(), form.resets], [true, 2]);
    }
  });

  it("shows the visitor's own end at once", () => {
    const { comes, ended, shown } = page();
    comes(closed(2, 0, "me"));
    assert.deepEqual([...shown, ended()], [2, true]);
  });

  it("goes on from a page that the server made in between", async () => {
    const { clock, ended, shown, comes } = page({ messages: [said(1, -9), closed(2, -4), said(3, -3)] });
    assert.equal(ended(), false);
    await clock.pass(6_001);
    assert.deepEqual([...shown, ended()], [2, true]);
    comes(reopened(4, 7, "me"));
    assert.equal(ended(), false);
  });

  it("does not believe a hello that says closed before it knows since when", async () => {
    const { clock, closing, comes, ended, look } = page({ messages: [said(1, -60)] });
    closing.row({ open: false, last_seq: 2 });
    look();
    assert.equal(ended(), false, "the notice has not come yet");
    comes(closed(2, -2));
    assert.equal(ended(), false);
    await clock.pass(8_001);
    assert.equal(ended(), true);
    closing.row({ open: false, last_seq: 2 });
    look();
    assert.equal(ended(), true);
  });

  it("believes a hello where the close left no notice", () => {
    const { closing, ended, look } = page({ messages: [said(1, -60)] });
    closing.row({ open: false, last_seq: 1 });
    look();
    assert.equal(ended(), true);
  });
});
