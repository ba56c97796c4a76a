import assert from "node:assert/strict";
import { it } from "node:test";

import { answersSince } from "../../../../static/js/agent/conversation/writing.js";

const said = (seq, more = {}) => ({ seq, kind: "message", sender: "b", sender_role: "agent", ...more });
const seqs = (messages, began) => answersSince(messages, began, "a").map(({ seq }) => seq);

it("finds what colleagues answered publicly since an answer was begun", () => {
  assert.deepEqual(seqs([said(1), said(2), said(3)], 1), [2, 3]);
  assert.deepEqual(seqs([said(1)], 1), []);
});

it("leaves out the visitor, oneself, notes, notices, automatic answers and bots", () => {
  const others = [
    ...[said(2, { sender: "v", sender_role: "visitor" }), said(3, { sender: "a" }), said(4, { kind: "note" })],
    ...[said(5, { kind: "notice", sender: "", sender_role: "system" }), said(6, { sender: "", automatic: true })],
    ...[said(7, { sender_role: "bot" }), said(8, { kind: "notice", data: { event: "recalled" } })],
  ];
  assert.deepEqual(seqs(others, 0), []);
});
