import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Timeline } from "../../../static/js/connection/timeline.js";

const message = (seq) => ({ seq });
const page = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const seqs = (timeline) => timeline.messages.map(({ seq }) => seq);

describe("a timeline", () => {
  it("takes what follows", () => {
    const timeline = new Timeline({ messages: page(1, 3), completeTo: 3 });
    assert.deepEqual(timeline.add(message(4), 3), { added: true, missing: false });
    assert.equal(timeline.completeTo, 4);
  });

  it("shows a duplicate once", () => {
    const timeline = new Timeline();
    timeline.add(message(1), 0);
    assert.deepEqual(timeline.add(message(1), 0), { added: false, missing: false });
    assert.deepEqual(seqs(timeline), [1]);
  });

  it("puts in order what comes out of order, and is complete when the gap is closed", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    assert.equal(timeline.add(message(5), 4).missing, true);
    assert.equal(timeline.add(message(4), 3).missing, true);
    assert.equal(timeline.completeTo, 2);
    assert.equal(timeline.add(message(3), 2).missing, false);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 4, 5]);
    assert.equal(timeline.completeTo, 5);
  });

  it("misses nothing where notes stand that this reader does not see", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    assert.equal(timeline.add(message(5), 2).missing, false);
    assert.equal(timeline.completeTo, 5);
  });

  it("is not taken in by an own message's number", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    assert.deepEqual(timeline.add(message(4)), { added: true, missing: false });
    assert.equal(timeline.completeTo, 2);
    assert.equal(timeline.add(message(4), 3).missing, true);
  });

  it("counts an own message that follows directly", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    timeline.add(message(3));
    assert.equal(timeline.completeTo, 3);
  });

  it("closes a gap with an answer, and follows what had come meanwhile", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    timeline.add(message(5), 4);
    timeline.add(message(6), 5);
    assert.deepEqual(timeline.fill(page(3, 5), 5, false).map(({ seq }) => seq), [3, 4]);
    assert.equal(timeline.completeTo, 6);
  });

  it("is complete only up to an answer's end while there is more", () => {
    const timeline = new Timeline();
    timeline.fill(page(1, 200), 450, true);
    assert.equal(timeline.completeTo, 200);
  });

  it("is complete up to the last seq even where the last ones are not for this reader", () => {
    const timeline = new Timeline({ messages: page(1, 2), completeTo: 2 });
    timeline.fill([], 4, false);
    assert.equal(timeline.completeTo, 4);
  });

  it("never falls back", () => {
    const timeline = new Timeline({ messages: page(1, 9), completeTo: 9 });
    timeline.fill(page(3, 5), 5, false);
    assert.equal(timeline.completeTo, 9);
  });

  it("takes older pages before what it has, each message once", () => {
    const timeline = new Timeline({ messages: page(51, 60), completeTo: 60, more: true });
    assert.equal(timeline.older(page(41, 51), true).length, 10);
    assert.equal(timeline.first, 41);
    assert.equal(timeline.more, true);
  });

  it("leaves out a stray old one whose page is not loaded", () => {
    const timeline = new Timeline({ messages: page(51, 60), completeTo: 60, more: true });
    assert.equal(timeline.add(message(9), 8).added, false);
    assert.deepEqual(timeline.older(page(9, 50), false).length, 42);
  });

  it("ends the same after any order and any doubling", () => {
    for (let round = 0; round < 200; round += 1) {
      const posted = page(1, 12).flatMap((one) => [one, one]);
      posted.sort(() => Math.random() - 0.5);
      const timeline = new Timeline();
      for (const { seq } of posted) timeline.add(message(seq), seq - 1);
      assert.deepEqual(seqs(timeline), page(1, 12).map(({ seq }) => seq));
      assert.equal(timeline.completeTo, 12);
    }
  });

  const said = (seq, extra = {}) => ({ seq, kind: "message", content: `secret ${seq}`, ...extra });
  const recall = (seq, of) => ({ seq, kind: "notice", content: "x", data: { event: "recall", of, member: "a", name: "A" } });

  it("forgets what was recalled, and where it was quoted", () => {
    const timeline = new Timeline({ messages: [said(1), said(2, { reply_to: { seq: 1, excerpt: "secret 1" } })], completeTo: 2 });
    assert.equal(timeline.add(recall(3, 1), 2).added, true);
    const [first, second] = timeline.messages;
    assert.deepEqual([first.kind, first.content, first.data.event], ["notice", "", "recalled"]);
    assert.deepEqual(second.reply_to, { seq: 1, excerpt: "", attachment: null, recalled: true });
    assert.equal(second.content, "secret 2");
  });

  it("forgets what comes after its recall: an older page that was read before it", () => {
    const timeline = new Timeline({ messages: [said(3)], completeTo: 3, more: true });
    timeline.add(recall(4, 1), 3);
    timeline.older([said(1), said(2, { reply_to: { seq: 1, excerpt: "secret 1" } })], false);
    assert.equal(JSON.stringify(timeline.messages).includes("secret 1"), false);
    assert.deepEqual(seqs(timeline), [1, 2, 3, 4]);
  });

  const edited = (seq, of, words, last = seq) => ({
    ...{ seq, kind: "notice", content: "x", data: { event: "edited", of } },
    current: { content: words, excerpt: words, edited: last },
  });

  it("takes over an edit, and where it is quoted", () => {
    const timeline = new Timeline({ messages: [said(1), said(2, { reply_to: { seq: 1, excerpt: "secret 1" } })], completeTo: 2 });
    timeline.add(edited(3, 1, "new"), 2);
    const [first, second] = timeline.messages;
    assert.deepEqual([first.content, first.edited, second.reply_to.excerpt], ["new", 3, "new"]);
  });

  it("shows the last edit in whatever order the rows arrive", () => {
    const rows = () => [said(1), edited(2, 1, "second"), edited(3, 1, "third"), said(4, { reply_to: { seq: 1, excerpt: "second" } })];
    const orders = (items) => (items.length < 2 ? [items] : items.flatMap((one, at) => orders(items.filter((_, other) => other !== at)).map((rest) => [one, ...rest])));
    for (const order of orders([0, 1, 2, 3])) {
      const timeline = new Timeline();
      const all = rows();
      for (const at of order) timeline.add(all[at], all[at].seq - 1);
      assert.deepEqual([timeline.messages[0].content, timeline.messages[0].edited], ["third", 3]);
      assert.equal(timeline.messages[3].reply_to.excerpt, "third");
    }
  });

  it("keeps a text that was read after an edit of which it hears later", () => {
    const timeline = new Timeline({ messages: [said(1, { content: "third", edited: 3 })], completeTo: 1 });
    timeline.add(edited(2, 1, "second"), 1);
    assert.equal(timeline.messages[0].content, "third");
  });

  it("forgets an edited text once the message is recalled or erased, whichever comes first", () => {
    const erasure = { seq: 4, kind: "notice", content: "x", data: { event: "erasure" } };
    for (const last of [recall(3, 1), erasure]) {
      for (const order of [[edited(2, 1, "secret 2"), last], [last, edited(2, 1, "secret 2")]]) {
        const timeline = new Timeline({ messages: [said(1)], completeTo: 1 });
        for (const row of order) timeline.add(row, row.seq - 1);
        assert.equal(JSON.stringify(timeline.messages).includes("secret"), false);
      }
    }
  });
});
