import assert from "node:assert/strict";
import { it } from "node:test";
import { Assistant } from "../../../../static/js/agent/assistant/assistant.js";
import { Requests } from "../../../../static/js/agent/assistant/requests.js";
import { Timeline } from "../../../../static/js/connection/timeline.js";
import { Clock, settled } from "../../helpers.mjs";

function requests() {
  const sent = [];
  const clock = new Clock();
  const one = new Requests({ send: (frame) => one.online !== false && sent.push(frame), clock });
  return { one, sent, clock };
}

it("an answer comes to whoever asked, and a refusal names what it refuses", async () => {
  const { one, clock } = requests();
  const [draft, other, summary] = ["a", "b"].map((group) => one.ask({ type: "assistant.draft", group })).concat(one.ask({ type: "assistant.summary", group: "a" }));
  assert.equal(one.answered({ type: "assistant.drafted", group: "b", text: "yes" }), true);
  assert.equal(one.answered({ type: "assistant.drafted", group: "c", text: "by itself" }), false);
  assert.equal(one.answered({ type: "error", code: "not_found", group: "a" }), false);
  assert.equal(one.answered({ type: "error", code: "conflict", frame: "assistant.summary", group: "a" }), true);
  assert.equal((await other).text, "yes");
  assert.equal((await summary).code, "conflict");
  await clock.pass(40_000);
  assert.deepEqual(await draft, { code: "unavailable" });
  one.online = false;
  assert.deepEqual(await one.ask({ type: "assistant.draft", group: "a" }), { code: "offline" });
});

it("what is asked for already is not asked for twice, and a new socket brings no answer of the former", async () => {
  const { one, sent } = requests();
  const answers = [1, 2].map(() => one.ask({ type: "assistant.draft", group: "a" }));
  assert.equal(sent.length, 1);
  one.answered({ type: "assistant.drafted", group: "a", text: "yes" });
  assert.deepEqual((await Promise.all(answers)).map(({ text }) => text), ["yes", "yes"]);
  const lost = one.ask({ type: "assistant.draft", group: "a" });
  one.answered({ type: "hello" });
  assert.equal((await lost).code, "offline");
});

it("one text is translated after the other", async () => {
  const { one, sent } = requests();
  const answers = ["一", "二"].map((text) => one.translate({ text, to: "en" }));
  await settled();
  assert.equal(sent.length, 1);
  one.answered({ type: "error", code: "unavailable", frame: "assistant.translate" });
  assert.equal((await answers[0]).code, "unavailable");
  await settled();
  assert.equal(one.answered({ type: "assistant.translated", text: "one, late", to: "en", of: "一" }), false);
  one.answered({ type: "assistant.translated", text: "two", to: "en", of: "二" });
  assert.equal((await answers[1]).text, "two");
  assert.deepEqual(sent.map(({ text }) => text), ["一", "二"]);
});

// What the keys of an assistant with a draft come to, in this state of the page.
function keys({ edit, note = false, open = null } = {}) {
  const done = [];
  globalThis.document = { body: {}, querySelector: () => open };
  const inside = {};
  const field = { value: "", hasAttribute: () => false };
  const card = { isFull: true, isShown: true, root: { contains: (one) => one === inside } };
  const summary = { isShown: false, root: { contains: () => false } };
  const composer = { note, extra: { edit } };
  const one = { field, card, summary, composer, use: () => done.push("use"), putAway: () => {}, dismiss: () => done.push("dismiss") };
  const press = (key, target) => {
    const event = { key, target, preventDefault: () => {}, stopPropagation: () => {} };
    Assistant.prototype.pressed.call(one, event);
    return done.pop();
  };
  return { press, field, inside, elsewhere: { closest: () => true } };
}

it("Escape puts a draft away only where nothing else is to be closed", () => {
  const { press, field, inside, elsewhere } = keys();
  assert.deepEqual([field, inside, document.body].map((target) => press("Escape", target)), ["dismiss", "dismiss", "dismiss"]);
  assert.equal(press("Escape", elsewhere), undefined);
  assert.equal(keys({ open: {} }).press("Escape", document.body), undefined);
});

it("Tab takes a draft into an answer only", () => {
  for (const [state, wanted] of [[{}, "use"], [{ edit: { seq: 1 } }, undefined], [{ note: true }, undefined]]) {
    const { press, field } = keys(state);
    assert.equal(press("Tab", field), wanted);
  }
});

it("a draft that is used while a note is written becomes part of the note", () => {
  for (const note of [true, false]) {
    const composer = { note, extra: {}, extend: (extra) => Object.assign(composer.extra, extra) };
    const field = { value: "See: ", selectionStart: 5, selectionEnd: 5, focus() {}, dispatchEvent() {} };
    field.setRangeText = (words) => (field.value += words);
    const one = { composer, field, group: "a", drafts: new Map([["a", { text: "Free [1].", citations: [{ n: 1 }] }]]) };
    Assistant.prototype.write.call(one);
    assert.deepEqual([composer.note, composer.extra.draft, field.value], [note, note ? undefined : true, "See: Free."]);
  }
});

it("a draft stays until somebody writes after what it answers, also where that is told late or not at all", () => {
  const shown = [];
  const timeline = new Timeline();
  const card = { fill: ({ text }) => shown.push(text), hide: () => shown.push(null) };
  const parts = { group: "a", drafts: new Map(), put: new Map(), requests: { answered() {} }, card };
  const one = Object.assign(Object.create(Assistant.prototype), parts, { workspace: { conversations: { cache: new Map([["a", { timeline }]]) } } });
  const posted = (seq) => one.handle({ type: "message.posted", message: { group: "a", seq, kind: "message", sender: "v" } });
  const drafted = (seq = 7) => one.handle({ type: "assistant.drafted", group: "a", seq, text: seq === 7 ? "yes" : "newer" });
  drafted();
  posted(7);
  posted(8);
  timeline.add({ seq: 8, kind: "message", sender: "v" });
  drafted();
  assert.deepEqual(shown, ["yes", null, null]);
  drafted(8);
  drafted();
  assert.equal(shown.pop(), "newer");
});

it("a card that is put away with the focus in it gives that to the field", () => {
  const done = [];
  const card = { root: { contains: (one) => one === "inside" }, hide: () => done.push("hidden") };
  for (const activeElement of ["elsewhere", "inside"]) {
    globalThis.document = { activeElement };
    Assistant.prototype.putAway.call({ field: { focus: () => done.push("focus") } }, card);
  }
  assert.deepEqual(done, ["hidden", "focus", "hidden"]);
});
