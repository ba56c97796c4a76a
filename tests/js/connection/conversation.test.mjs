import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { workspaceEvents } from "../../../static/js/agent/events.js";
import { Conversation } from "../../../static/js/connection/conversation.js";
import { Conversations } from "../../../static/js/agent/conversations.js";
import { Timeline } from "../../../static/js/connection/timeline.js";
import { settled } from "../helpers.mjs";

const ME = "me";
const message = (seq, more) => ({ seq, group: "g", kind: "message", sender: "visitor", content: `text ${seq}`, ...more });
const through = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));

// The server's answers, by address; a promise where the test says when.
let answers;
const real = globalThis.fetch;
beforeEach(() => {
  answers = {};
  globalThis.fetch = async (url) => {
    assert.equal(new URLSearchParams(url.split("?")[1]).get("me"), url.startsWith("/messages/") ? ME : null, "for whom");
    const answer = await answers[url.split("?")[0]];
    if (!answer) throw new TypeError("no network");
    return { ok: !answer.error, status: answer.error ? 404 : 200, headers: new Headers(), json: async () => answer };
  };
});
afterEach(() => (globalThis.fetch = real));

describe("a conversation", () => {
  const open = (held, more) => new Conversation({ group: "g", url: "/messages/", me: ME, readSeq: 0, timeline: new Timeline({ messages: through(1, held), completeTo: held }), ...more });

  it("is not read beyond a hole", () => {
    const one = open(3);
    one.timeline.add(message(6));
    assert.equal(one.unreadUpTo, 3);
    one.readSeq = 3;
    assert.equal(one.unreadUpTo, 0);
  });

  it("is told again to be read where that was lost with a connection", () => {
    const one = open(3);
    one.readSeq = 3;
    one.counted(2);
    assert.equal(one.unreadUpTo, 3, "the server counts some as unread");
    one.readSeq = 3;
    one.counted(0);
    one.counted(1);
    assert.equal(one.unreadUpTo, 0, "it has these as read, and something newer that is not here yet");
    one.posted(message(4), 3);
    one.isRead(4);
    one.counted(1);
    assert.equal(one.unreadUpTo, 0);
  });

  it("fills the hole that an answer of the newest left, and can be read then", async () => {
    let filled = 0;
    const one = open(3, { onFilled: () => (filled += 1) });
    answers["/messages/"] = { messages: through(4, 7), last_seq: 8, more: false };
    for (const late of through(7, 8)) one.posted(late);
    one.mend();
    await settled();
    assert.deepEqual(one.timeline.messages.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(one.unreadUpTo, 8);
    assert.equal(filled, 1);
  });

  it("asks for nothing where there is no hole", () => {
    const one = open(3);
    one.posted(message(4));
    one.mend();
    assert.equal(one.asking, null);
  });
});

describe("the conversations of a window", () => {
  const view = { reset() {}, markFresh() {}, seen() {}, show() {} };
  const facts = (group) => ({ conversation: { group, messages: [], last_seq: 0, more: false, read_seq: 0, seen_seq: 0 } });
  let conversations, loading, failures;

  beforeEach(() => {
    loading = [];
    failures = [];
    conversations = new Conversations({
      me: ME,
      view,
      href: (group) => `/${group}/`,
      newest: (facts) => facts,
      onShow() {},
      onFacts() {},
      onFilled() {},
      onLoading: (value) => loading.push(value),
      onFailure: (failure, group) => failures.push([failure.code, group, conversations.group]),
    });
  });

  it("says that the chosen conversation is not the one to be seen until it has come", async () => {
    answers["/a/"] = facts("a");
    await conversations.open("a");
    let arrive;
    answers["/b/"] = new Promise((done) => (arrive = done));
    const opening = conversations.open("b");
    assert.deepEqual([conversations.loading, conversations.group, loading.at(-1)], [true, "a", true]);
    arrive(facts("b"));
    await opening;
    assert.deepEqual([conversations.loading, conversations.group, loading.at(-1)], [false, "b", false]);
  });

  it("falls back to the one to be seen when the chosen one does not come", async () => {
    answers["/a/"] = facts("a");
    await conversations.open("a");
    await conversations.open("b");
    assert.deepEqual(failures, [["offline", "b", "a"]]);
    assert.deepEqual([conversations.loading, conversations.wanted, loading.at(-1)], [false, "a", false]);
  });

  it("shows the one that the server rendered under its own facts alone", async () => {
    const shown = [];
    conversations.onFacts = ({ group }) => shown.push(group);
    conversations.adopt("a", { messages: [], completeTo: 0, more: false, readSeq: 0, seenSeq: 0 });
    answers["/b/"] = facts("b");
    await conversations.open("b");
    let arrive;
    answers["/a/"] = new Promise((done) => (arrive = done));
    const opening = conversations.open("a");
    assert.deepEqual([conversations.group, loading.at(-1)], ["b", true]);
    arrive(facts("a"));
    await opening;
    assert.deepEqual([conversations.group, shown.at(-1), loading.at(-1)], ["a", "a", false]);
  });

  it("lets a late failure of what is no longer wanted change nothing", async () => {
    answers["/a/"] = facts("a");
    const late = conversations.open("b");
    await conversations.open("a");
    await late;
    assert.deepEqual([conversations.group, failures], ["a", []]);
  });
});

describe("the hello of a workspace", () => {
  it("of another person starts the page over before anything is sent", () => {
    const done = [];
    globalThis.location = { reload: () => done.push("reload") };
    const connection = { stop: () => done.push("stop") };
    const sending = { outbox: { reconnected: () => done.push("sent") } };
    workspaceEvents({ me: ME, page: {}, column: { inbox: {} }, connection, sending }).handle({ type: "hello", me: { member: "somebody else" }, groups: [], total: 0 });
    delete globalThis.location;
    assert.deepEqual(done, ["stop", "reload"]);
  });
});
