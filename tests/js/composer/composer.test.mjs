import assert from "node:assert/strict";
import { it } from "node:test";

import { Sending } from "../../../static/js/agent/sending.js";
import { Composer } from "../../../static/js/composer/composer.js";

function page(latest, onSend = () => true, given = "", stored = new Map()) {
  const field = new EventTarget();
  Object.assign(field, { value: given, placeholder: "", dataset: {}, style: {}, focus() {}, scrollHeight: 0, offsetHeight: 0, clientHeight: 0 });
  const form = new EventTarget();
  const note = [{ value: "", checked: true }, { value: "1", checked: false }];
  Object.defineProperty(note, "value", { get: () => note.find(({ checked }) => checked).value });
  Object.assign(form, { elements: { content: field, note }, toggleAttribute() {} });
  const store = { get: (key) => stored.get(key), set: (key, value) => stored.set(key, value), remove: (key) => stored.delete(key) };
  const sent = [];
  const composer = new Composer({ form, store, latest, onSend: (...what) => sent.push(what) && onSend(what[0]) });
  const type = (value) => {
    field.value = value;
    field.dispatchEvent(new Event("input"));
  };
  return { composer, field, type, sent };
}

it("tells with a text what was the newest message when it was begun", () => {
  let last = 3;
  const { composer, type, sent } = page(() => last);
  composer.use("one");
  type("h");
  last = 5;
  type("hello");
  composer.use("two");
  type("there");
  last = 7;
  composer.use("one");
  composer.submit();
  assert.deepEqual(sent[0].slice(0, 1).concat(sent[0][3]), ["hello", 3]);
  type("again");
  composer.submit();
  assert.equal(sent[1][3], 7);
  composer.use("two");
  type("");
  type("other");
  composer.submit();
  assert.equal(sent[2][3], 7, "an empty field begins anew");
});

it("keeps what a text answers with its own conversation", () => {
  const { composer, type } = page(() => 1);
  composer.use("one");
  type("a draft");
  composer.use("two");
  composer.extend({ reply_to: { seq: 4 } });
  composer.use("one");
  assert.deepEqual(composer.extra, {});
});

it("is cleared once its text was taken over, and keeps one that was not", () => {
  for (const [onSend, left] of [[(content) => content === "hello", ""], [() => false, "hello"]]) {
    const { composer, field, type } = page(() => 1, onSend);
    type("hello");
    composer.submit();
    assert.equal(field.value, left);
  }
  const { composer, field, type } = page(() => 1, () => assert.fail("no crypto"));
  type("hello");
  assert.throws(() => composer.submit());
  assert.equal(field.value, "hello");
});

it("keeps a note that is being written from becoming an answer", () => {
  const { composer, field, type } = page(() => 1);
  composer.use("one");
  composer.note = true;
  type("for colleagues");
  composer.restore("unsent", false);
  assert.deepEqual([field.value, composer.note], ["unsent\nfor colleagues", true]);
  type("");
  composer.restore("unsent", false);
  assert.deepEqual([field.value, composer.note], ["unsent", false]);
});

it("keeps a draft below a text that came with the page, once", () => {
  const drafts = new Map();
  const opened = (given) => {
    const { composer, field, type } = page(() => 1, undefined, given, drafts);
    composer.use("one");
    return { field, type };
  };
  opened("").type("my draft");
  for (const _time of ["once", "again"]) assert.equal(opened("Refund?").field.value, "Refund?\nmy draft");
  opened("Refund?").type("Refund? Order 4711");
  assert.equal(opened("Refund?").field.value, "Refund? Order 4711");
});

it("keeps what the text answers that stays below an unsent one", () => {
  const { composer, type } = page(() => 1);
  composer.use("one");
  type("an answer");
  composer.extend({ reply_to: { seq: 4 } });
  composer.restore("unsent", false, { reply_to: undefined });
  assert.equal(composer.extra.reply_to.seq, 4);
  composer.restore("answers another", false, { reply_to: { seq: 5 } });
  assert.equal(composer.extra.reply_to.seq, 5);
  type("");
  composer.restore("unsent", false, { reply_to: undefined });
  assert.equal(composer.extra.reply_to, null);
});

it("keeps whom it mentions below an unsent note that comes back", () => {
  const { composer, type } = page(() => 1);
  composer.use("one");
  type("@Bo");
  composer.extend({ calls: [{ member: "b", name: "Bo" }] });
  const items = new Map([["id", { content: "@Al", note: true, calls: [{ member: "a", name: "Al" }] }]]);
  const sending = { outbox: { items, forget() {} }, view: { dropPending() {} } };
  Sending.prototype.act.call(sending, "edit", "id", composer);
  assert.deepEqual(composer.extra.calls.map(({ member }) => member), ["a", "b"]);
});
