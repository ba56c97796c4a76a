// The service worker's rules: what it answers, what it shows, and what a browser says it can.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reasonOf, stateOf } from "../../../static/js/agent/alerts/push_page.js";
import { unsentOf } from "../../../static/js/agent/app/offline.js";
import { openStore } from "../../../static/js/connection/outbox.js";
import { AGAIN, sayShown } from "../../../static/js/connection/shown.js";
import { calling, noticeOf, outcomeOf } from "../../../static/js/worker/notices.js";
import { isServed, kindOf, patienceFor, windowFor, within } from "../../../static/js/worker/shell.js";
import { bytesOf, insist, isFor, textOf } from "../../../static/js/worker/subscription.js";
import { Clock, settled, Storage } from "../helpers.mjs";

const HERE = "https://chat.example";
const PLACES = { origin: HERE, files: "/static/", signOut: "/agent/logout/" };
const WORDS = { me: "alice", texts: { waiting: "{name} is waiting", gone: "{name} has it", gone_alone: "Nobody waits", mention: "{name} mentioned you", mention_alone: "You are called", claim: "Claim", reply: "Reply", taken: "{name} has claimed it", refused: "Not possible", claim_done: "Yours: {name}" } };

test("pages, hashed files and the sign-out are its own, and nothing with messages in it", () => {
  const kind = (path, more) => kindOf({ method: "GET", mode: "cors", url: HERE + path, ...more }, PLACES);
  assert.equal(kind("/agent/c/1/", { mode: "navigate" }), "page");
  assert.equal(kind("/static/js/agent/workspace.0123456789ab.js"), "file");
  assert.equal(kind("/agent/logout/", { method: "POST", mode: "navigate" }), "end");
  for (const path of ["/agent/c/1/messages/?after=1", "/agent/inbox/", "/files/0123456789ab/", "/static/js/x.js"]) assert.equal(kind(path), null);
  assert.equal(kind("/agent/replies/", { method: "POST", mode: "navigate" }), null);
  assert.equal(kindOf({ method: "GET", mode: "cors", url: "https://other.example/static/x.0123456789ab.js" }, PLACES), null);
});

test("only a workspace has to come within seconds, and has more of them after it was late", async () => {
  assert.equal(patienceFor(`${HERE}/agent/articles/export/`, false), null);
  const [first, second] = [false, true].map((late) => patienceFor(`${HERE}/agent/`, late));
  assert.ok(first < second);
  const clock = new Clock();
  const answer = within(first, new Promise(() => {}), clock);
  answer.catch(() => {});
  await clock.pass(first);
  await assert.rejects(answer, /late/);
  assert.deepEqual([200, 503, 502, 504].map((status) => isServed({ status })), [true, true, false, false]);
});

test("a notice stands for its conversation until the silent one that replaces it", () => {
  const [title, waiting] = noticeOf({ kind: "waiting", group: "g", name: "Li", text: "Hello" }, WORDS);
  assert.deepEqual([title, waiting.body, waiting.silent, waiting.data.me], ["Li is waiting", "Hello", false, "alice"]);
  assert.deepEqual(waiting.actions.map(({ action, type }) => [action, type]), [["claim", undefined], ["reply", "text"]]);
  const [gone, options] = noticeOf({ kind: "gone", group: "g", name: "Bob" }, WORDS);
  assert.deepEqual([gone, options.tag === waiting.tag, options.silent, options.renotify], ["Bob has it", true, true, false]);
  assert.equal(noticeOf({ kind: "gone", group: "g", name: "" }, WORDS)[0], "Nobody waits");
  const called = ["Bob", ""].map((name) => noticeOf({ kind: "mention", group: "g", name }, WORDS)[0]);
  assert.deepEqual(called, ["Bob mentioned you", "You are called"]);
  assert.equal(noticeOf({}, {})[0], "Kefu", "iOS wants to see something for each push");
  assert.equal(noticeOf({ kind: "waiting", name: "{kind}" }, WORDS)[0], "{kind} is waiting");
  assert.equal(calling([waiting, options]), 1);
});

test("what came of a button is said, and a reply that was refused can be read", () => {
  const data = { group: "g", me: "alice", name: "Li" };
  assert.equal(outcomeOf("claim", null, data, WORDS)[0], "Yours: Li");
  assert.equal(outcomeOf("claim", { error: "claimed", claimed_name: "Ada" }, data, WORDS)[0], "Ada has claimed it");
  const [title, { body, tag }] = outcomeOf("reply", { error: "stale" }, data, WORDS, "On my way");
  assert.deepEqual([title, body, tag], ["Not possible", "On my way", "g"]);
});

test("a reply whose answer was lost is sent again as the same, and then nobody knows", async () => {
  const clock = new Clock();
  const sent = [];
  const answers = [new TypeError("cut"), new Response("", { status: 502 }), Response.json({ seq: 1 })];
  globalThis.fetch = async (_address, { body }) => {
    sent.push(String(body));
    const answer = answers.shift();
    if (!(answer instanceof Response)) throw new TypeError("cut");
    return answer;
  };
  const send = async () => {
    const answer = insist("/", { form: { content: "Hi", client_id: "1" } }, clock).catch(({ facts }) => facts);
    for (let second = 0; second < 20; second += 1) await settled().then(() => clock.pass(1_000));
    return answer;
  };
  assert.deepEqual(await send(), { seq: 1 });
  assert.deepEqual(sent, Array(3).fill("content=Hi&client_id=1"));
  const [title, { body }] = outcomeOf("reply", await send(), { group: "g" }, { texts: { unknown: "No answer" } }, "Hi");
  assert.deepEqual([title, body], ["No answer", "Hi"]);
});

test("a notice leads to the window that shows its conversation, else to a workspace", () => {
  const [alerts, list, other] = ["/agent/alerts/", "/agent/", "/agent/c/2/"].map((path) => ({ url: HERE + path }));
  assert.equal(windowFor([alerts, list, other], "2"), other);
  assert.equal(windowFor([alerts, list, other], "3"), list);
  assert.equal(windowFor([alerts], "3"), null);
});

test("a key is the same as text and as bytes, and another one asks for a new subscription", () => {
  const key = "BP8_-A";
  assert.equal(textOf(bytesOf(key)), key);
  assert.ok(isFor({ options: { applicationServerKey: bytesOf(key).buffer } }, `${key}==`));
  assert.ok(!isFor({ options: { applicationServerKey: bytesOf("AAAA").buffer } }, key));
  assert.ok(isFor({ options: {} }, key), "old browsers do not say");
});

test("the page of alerts says what stands in the way of pushes", () => {
  const all = { secure: true, apple: false, standalone: false, able: true, permission: "granted", on: true };
  const state = (more) => stateOf({ ...all, ...more });
  assert.deepEqual(
    [{}, { on: false }, { permission: "denied" }, { able: false }, { apple: true, able: false }, { secure: false }].map(state),
    ["on", "off", "denied", "none", "home", "insecure"],
  );
  assert.equal(state({ apple: true, standalone: true }), "on");
  assert.equal(reasonOf(new DOMException("", "AbortError")), "service");
  assert.equal(reasonOf({ code: "bad_field", facts: { error: "bad_field", field: "endpoint" } }), "address");
  assert.equal(reasonOf({ code: "conflict" }), "conflict");
});

test("what is unsent is the member's own, and what was sent comes before drafts", () => {
  const store = openStore(new Storage());
  store.set("kefu:agent:alice:draft:g1", { text: "later", note: true, name: "Li" });
  store.set("kefu:agent:alice:outbox:1", { group: "g2", content: "now", at: 1, state: "sending" });
  store.set("kefu:agent:bob:draft:g1", { text: "not yours" });
  assert.deepEqual(unsentOf(store, "alice").map(({ group, name, content }) => [group, name, content]), [["g2", undefined, "now"], ["g1", "Li", "later"]]);
});

test("a window is seen while it is visible", async () => {
  const sent = [];
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const clock = new Clock();
  sayShown((frame) => sent.push(frame.type), { document, clock });
  await clock.pass(AGAIN);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await clock.pass(AGAIN * 3);
  assert.deepEqual(sent, ["shown", "shown"]);
});
