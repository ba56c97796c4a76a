import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { settled } from "../helpers.mjs";

const SCRIPT = readFileSync(new URL("../../../static/js/widget/widget.js", import.meta.url), "utf8");

// Stands in for every element of the button.
const anything = new Proxy(function () {}, { get: () => anything, set: () => true, apply: () => anything, construct: () => anything });

// Runs the script on a page without a button: the look never arrives, unless that is `look`. `answers` are those to tokens and
// articles, in order, each an object or a promise of one, null where there is no network. Returns Kefu, the
// tokens and addresses that were asked for, and what the console has.
function loaded(answers = [], dataset = {}, localStorage = {}, look = new Promise(() => {}), more = {}) {
  const asked = [];
  const warned = [];
  const script = { src: "https://chat.example/widget.js", dataset: { ent: "acme", ...dataset } };
  const page = { MutationObserver: anything, CSSStyleSheet: anything, addEventListener() {}, setTimeout() {}, ...more };
  const window = { sessionStorage: {}, localStorage, ...page };
  const fetch = (address, { body } = {}) => {
    if (address.includes("/widget/")) return look;
    asked.push(body ? body.get("user") : new URL(address).pathname);
    return Promise.resolve(answers.shift()).then((found) => found ? { json: () => found } : Promise.reject());
  };
  const console = { warn: (what) => warned.push(String(what)) };
  const run = new Function("window", "document", "fetch", "console", `with (window) {${SCRIPT}}`);
  run(window, { currentScript: script, documentElement: anything, createElement: more.make ?? (() => anything), createElementNS: () => anything }, fetch, console);
  return { Kefu: window.Kefu, asked, warned, window };
}

test("what happens is heard until that is stopped, and a name that nothing has is refused", () => {
  const { Kefu } = loaded();
  const heard = [];
  const end = Kefu.on("open", () => heard.push("open"));
  Kefu.on("close", () => heard.push("close"));
  Kefu.on("ready", () => heard.push("ready"));
  Kefu.open();
  Kefu.hide();
  Kefu.hide();
  Kefu.show();
  end();
  Kefu.open({ text: "Where is it?" });
  assert.deepEqual(heard, ["open", "close"], "all of it before there is a button");
  for (const name of ["opened", "", undefined, "__proto__"]) assert.throws(() => Kefu.on(name, () => {}), TypeError);
  assert.throws(() => Kefu.on("opened", () => {}), /^TypeError: opened is none of ready,open,close,unread,message,rated$/);
});

test("a token that is not taken rejects with the reason, and one after the other", async () => {
  const expired = { error: "forbidden", reason: "expired", detail: "The token has expired." };
  let answer;
  const slow = new Promise((done) => (answer = done));
  const { Kefu, asked } = loaded([slow, { error: "bad_field", detail: "No token." }, null, { changed: true }]);
  const tries = ["a", "b", "c", null].map((token) => Kefu.identify(token).then(() => "done", ({ reason, message }) => [reason, message]));
  await settled();
  assert.deepEqual(asked, ["a"], "none overtakes another");
  answer(expired);
  assert.deepEqual(await Promise.all(tries), [
    ["expired", "The token has expired."],
    ["bad_field", "No token."],
    ["offline", "offline"],
    "done",
  ]);
  assert.deepEqual(asked, ["a", "b", "c", null]);
});

test("of the token in the page itself the console says what is wrong", async () => {
  const { warned } = loaded([{ error: "forbidden", detail: "Not signed." }], { user: "x" });
  await settled();
  assert.deepEqual(warned, ["Error: Not signed."]);
});

test("what was unread before there is a button is told once there is", async () => {
  let come;
  const look = new Promise((done) => (come = done));
  const { Kefu } = loaded([{ known: true, unread: 2 }, { known: true, unread: 2 }], {}, {}, look);
  const heard = [];
  Kefu.on("unread", (count) => heard.push(count));
  await Kefu.identify("a");
  assert.deepEqual(heard, []);
  come({ ok: true, json: () => ({ texts: { open: "", news: "" } }) });
  await settled();
  assert.deepEqual(heard, [2], "once, though it was asked for again");
});

test("a visitor who never wrote is asked nothing about", async () => {
  const look = Promise.resolve({ ok: true, json: () => ({ texts: { open: "", news: "" } }) });
  const { asked, warned } = loaded([], {}, {}, look);
  await settled();
  assert.deepEqual([asked, warned], [[], []]);
});

test("that there is no conversation with one team says nothing of another's", async () => {
  const kept = {};
  const written = async (team, known) => {
    await loaded([{ known, unread: 0 }], { team }, kept).Kefu.identify("a");
    return "kefu:acme" in kept;
  };
  assert.ok(await written("service", true));
  assert.ok(await written("sales", false));
  assert.ok(!(await written("service", false)));
  assert.ok(await written(undefined, true));
  assert.ok(await written("sales", false));
  assert.ok(!(await written(undefined, false)), "without a team it is about all of them");
});

test("an article that is there opens the chat, another one rejects", async () => {
  const { Kefu, asked } = loaded([{ error: "not_found", detail: "There is no such article." }, null, { title: "Tea", url: "/help/acme/tea/" }]);
  const heard = [];
  Kefu.on("open", () => heard.push("open"));
  await assert.rejects(Kefu.article("gone"), { reason: "not_found", message: "There is no such article." });
  await assert.rejects(Kefu.article("tea"), { reason: "offline" });
  assert.deepEqual(heard, []);
  await Kefu.article("tea");
  assert.deepEqual(heard, ["open"]);
  assert.deepEqual(asked, ["gone", "tea", "tea"].map((slug) => `/chat/acme/article/${slug}/`));
});

test("a text waits for the page of who has just signed in", async () => {
  let hear;
  const posted = [];
  const frame = { src: "", focus() {}, contentWindow: { postMessage: ({ text }) => posted.push(text) } };
  const part = new Proxy({}, { get: (_, name) => (name === "appendChild" ? (child) => child : anything), set: () => true });
  const host = { attachShadow: () => part, isConnected: true };
  const make = (name) => ({ iframe: frame, "kefu-chat": host })[name] ?? part;
  const look = Promise.resolve({ ok: true, json: () => ({ texts: { open: "", news: "", close: "" } }) });
  const more = { make, location: { origin: "https://shop.example" }, addEventListener: (_, step) => (hear = step) };
  const { Kefu } = loaded([{ changed: true }], {}, {}, look, more);
  await settled();
  const state = () => hear({ origin: "https://chat.example", source: frame.contentWindow, data: { kefu: "state", unread: 0 } });
  Kefu.open();
  state();
  posted.length = 0;
  await Kefu.identify("a");
  Kefu.open({ text: "About order 4711" });
  assert.deepEqual(posted, []);
  state();
  assert.deepEqual(posted, ["About order 4711"]);
});
