import assert from "node:assert/strict";
import { test } from "node:test";

import { noticeText } from "../../../static/js/thread/message.js";
import { load } from "../../../static/js/shared/text.js";

const TEXTS = {
  notice_closed: "{by_name} closed the conversation",
  notice_closed_adopted: "Taken over closed",
  notice_closed_idle: "Closed automatically",
  notice_closed_told: "{words}",
  notice_idle: "Closes in {minutes} min",
  notice_idle_told: "{words}",
  notice_closing: "Closed as: {reason}\nSummary: {summary}",
  notice_closing_reason: "Closed as: {reason}",
  notice_closing_summary: "Summary: {summary}",
  notice_reopened: "{by_name} reopened it",
  notice_reopened_own: "You reopened it",
  notice_handed_over: "A person replies",
  notice_handed_over_silent: "{bot_name} was silent",
  notice_recalled: "{name} recalled a message",
  notice_recalled_own: "You recalled a message",
};
const entries = Object.entries(TEXTS).map(([key, textContent]) => ({ dataset: { key }, textContent }));
load({ documentElement: { lang: "en" }, querySelectorAll: () => [{ content: { querySelectorAll: () => entries } }] });

const worded = (data) => noticeText({ kind: "notice", content: "stored", data });

test("a closing names who did it, and one that nobody did says so or what the team wants", () => {
  assert.equal(worded({ event: "closed", by: "u", by_name: "小艾" }), "小艾 closed the conversation");
  assert.equal(worded({ event: "closed", by: "", by_name: "", why: "adopted" }), "Taken over closed");
  assert.equal(worded({ event: "closed", by: "", by_name: "", words: "" }), "Closed automatically");
  assert.equal(worded({ event: "closed", by: "", by_name: "", words: "Good {bye}" }), "Good {bye}");
});

test("why people have it instead of a bot is said to who has a sentence for it", () => {
  assert.equal(worded({ event: "handed_over", why: "silent", bot_name: "小机" }), "小机 was silent");
  assert.equal(worded({ event: "handed_over", why: "visitor" }), "A person replies");
});

test("a warning has the team's words, or ours with its time", () => {
  assert.equal(worded({ event: "idle", minutes: 30, words: "" }), "Closes in 30 min");
  assert.equal(worded({ event: "idle", minutes: 30, words: "Still there?" }), "Still there?");
});

test("of a closing what was said is told, and no empty line for the rest", () => {
  assert.equal(worded({ event: "closing", reason: "Solved", summary: "" }), "Closed as: Solved");
  assert.equal(worded({ event: "closing", reason: "", summary: "sent" }), "Summary: sent");
  assert.equal(worded({ event: "closing", reason: "a", summary: "b" }), "Closed as: a\nSummary: b");
  assert.equal(worded({ event: "of tomorrow" }), "stored");
});

test("what readers did themselves is told to them as theirs", () => {
  const told = (data) => ["u", "other"].map((me) => noticeText({ kind: "notice", data }, me));
  assert.deepEqual(told({ event: "reopened", by: "u", by_name: "Bo" }), ["You reopened it", "Bo reopened it"]);
  assert.deepEqual(told({ event: "recalled", member: "u", name: "Bo" }), ["You recalled a message", "Bo recalled a message"]);
});
