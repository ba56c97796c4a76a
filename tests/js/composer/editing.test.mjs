import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { WritingAids } from "../../../static/js/composer/writing_aids.js";
import { editable, Editing, WITHIN } from "../../../static/js/composer/editing.js";
import { stillPossible } from "../../../static/js/agent/conversation/writing.js";

const AT = Date.parse("2026-11-25T01:38:24.106Z");
const message = (more = {}) => ({ sender: "a", kind: "message", content: "x", created_at: "2026-11-25T01:38:24.106Z", ...more });

function composer() {
  const made = { field: { value: "half", focus() {}, setSelectionRange() {} }, note: false, extra: { reply_to: { seq: 1 } }, key: "one", store: new Map() };
  const keep = () => made.store.set(made.key, { text: made.field.value, note: made.note, extra: made.extra });
  made.extend = (extra) => {
    made.extra = extra ? { ...made.extra, ...extra } : {};
    keep();
  };
  made.put = (value) => {
    made.field.value = value;
    keep();
  };
  // Another conversation, with nothing written.
  made.leave = () => Object.assign(made, { key: "two", extra: {}, field: { ...made.field, value: "" } });
  return made;
}

describe("an edit", () => {
  it("is possible for two minutes, of one's own messages and notes with a text", () => {
    assert.equal(editable(message(), "a", AT + WITHIN), true);
    assert.equal(editable(message({ kind: "note" }), "a", AT), true);
    assert.equal(editable(message(), "a", AT + WITHIN + 1), false);
    assert.equal(editable(message(), "b", AT), false);
    assert.equal(editable(message({ kind: "notice" }), "a", AT), false);
    assert.equal(editable(message({ content: "" }), "a", AT), false);
    assert.equal(editable(message({ data: { delivery: { state: "sending" } } }), "a", AT), true);
    assert.equal(editable(message({ data: { delivery: { state: "sent" } } }), "a", AT), false);
  });

  it("puts the draft aside and brings it back", () => {
    const field = composer();
    const editing = new Editing({ composer: field });
    editing.begin(message({ seq: 7, content: "the words", kind: "note" }));
    assert.deepEqual([field.field.value, field.note, field.extra.edit.seq, field.extra.reply_to], ["the words", true, 7, undefined]);
    assert.equal(editing.cancel(), true);
    assert.deepEqual([field.field.value, field.note, field.extra], ["half", false, { reply_to: { seq: 1 } }]);
    assert.equal(editing.cancel(), false);
  });

  it("stays in the field until it is stored", async () => {
    const saved = [];
    const failed = [];
    const field = composer();
    const answers = [Promise.reject({ code: "conflict" }), Promise.resolve()];
    const editing = new Editing({ composer: field, save: (...what) => (saved.push(what), answers.shift()), onFailure: (code) => failed.push(code) });
    editing.begin(message({ seq: 7, content: "the words" }));
    await editing.send(" ");
    assert.deepEqual(saved, []);
    field.put("other words");
    await editing.send("other words");
    assert.deepEqual([saved.length, failed, field.field.value], [1, ["conflict"], "other words"]);
    await editing.send("other words");
    assert.deepEqual([saved[1], field.field.value], [[7, "other words"], "half"]);
  });

  it("stores nothing where nothing was changed", async () => {
    const field = composer();
    const editing = new Editing({ composer: field, save: () => assert.fail() });
    editing.begin(message({ seq: 7, content: "the words" }));
    await editing.send("the words");
    assert.equal(field.field.value, "half");
  });

  // An edit of "the words" that is being stored as "other words"; done() says that it is stored.
  function beingSaved(kind = "message") {
    const field = composer();
    let done;
    const editing = new Editing({ composer: field, save: () => new Promise((stored) => (done = stored)) });
    editing.begin(message({ seq: 7, content: "the words", kind }));
    field.put("other words");
    const sent = editing.send("other words");
    return { field, editing, done: () => (done(), sent) };
  }

  it("leaves what is typed meanwhile as a draft, above the one before", async () => {
    const { field, done } = beingSaved();
    field.put("other words\nand one more line");
    await done();
    assert.equal(field.field.value, "and one more line\nhalf");
    assert.deepEqual([field.note, field.extra], [false, { reply_to: { seq: 1 } }]);
  });

  it("leaves what is typed under a note to colleagues", async () => {
    const { field, done } = beingSaved("note");
    field.put("other words about them");
    await done();
    assert.deepEqual([field.field.value, field.note], ["about them\nhalf", true]);
  });

  it("goes on where the text itself is changed meanwhile", async () => {
    const { field, editing, done } = beingSaved();
    field.put("no other words");
    await done();
    assert.deepEqual([field.field.value, field.extra.edit.seq, field.extra.edit.content], ["no other words", 7, "other words"]);
    editing.cancel();
    assert.equal(field.field.value, "half");
  });

  it("leaves another edit alone that was begun meanwhile", async () => {
    const { field, editing, done } = beingSaved();
    editing.begin(message({ seq: 9, content: "second" }));
    field.put("second, better");
    await done();
    assert.deepEqual([field.field.value, field.extra.edit.seq], ["second, better", 9]);
  });

  it("leaves alone what is written once the edit was given up meanwhile", async () => {
    const { field, editing, done } = beingSaved();
    editing.cancel();
    field.put("half a line");
    await done();
    assert.equal(field.field.value, "half a line");
  });

  it("leaves another conversation alone that was opened meanwhile", async () => {
    const { field, done } = beingSaved();
    field.leave();
    await done();
    assert.equal(field.field.value, "");
    assert.equal(field.store.get("one").text, "half");
  });

  it("leaves a newer draft of its conversation alone, and what was typed after it", async () => {
    const newer = beingSaved();
    newer.editing.cancel();
    newer.field.put("half a line");
    newer.field.leave();
    await newer.done();
    assert.equal(newer.field.store.get("one").text, "half a line");
    const longer = beingSaved();
    longer.field.put("other words, and more");
    longer.field.leave();
    await longer.done();
    assert.equal(longer.field.store.get("one").text, ", and more\nhalf");
  });

  it("becomes a draft once it is too late", () => {
    const before = { text: "half", note: false, extra: {} };
    const draft = { text: "other words", note: false, extra: { edit: { seq: 7, content: "the words", before, until: AT } } };
    assert.equal(stillPossible(draft, AT), draft);
    assert.deepEqual(stillPossible(draft, AT + 1), { ...before, text: "other words\nhalf" });
    assert.deepEqual(stillPossible({ ...draft, text: "the words" }, AT + 1), before);
    assert.equal(stillPossible({ ...draft, note: true }, AT + 1).note, true, "what was changed in a note");
    assert.equal(stillPossible({ ...draft, note: true, text: "the words" }, AT + 1).note, false);
    assert.equal(stillPossible(null), null);
  });
});

describe("a recall", () => {
  it("goes by a request where there is no socket, and says where it was refused", async (test) => {
    globalThis.document ??= { cookie: "" };
    const asked = [];
    const failed = [];
    const answers = [new Response("{}"), new Response('{"error": "conflict"}', { status: 409 })];
    test.mock.method(globalThis, "fetch", async (url, { body }) => (asked.push(`${url} ${body}`), answers.shift()));
    const one = { url: "/chat/messages/messages/?team=sales", caught: 0, catchUp: async () => (one.caught += 1) };
    const aids = Object.assign(Object.create(WritingAids.prototype), { sendRecall: () => false, conversation: () => one, onRecallFailure: (code) => failed.push(code) });
    await aids.recall(7);
    assert.deepEqual([asked, one.caught, failed], [["/chat/messages/recall/?team=sales seq=7"], 1, []]);
    await aids.recall(8);
    assert.deepEqual([one.caught, failed], [1, ["conflict"]]);
    aids.sendRecall = () => true;
    await aids.recall(9);
    assert.equal(asked.length, 2);
  });
});

describe("a quote", () => {
  it("of a draft says what the message says by now", () => {
    const parts = { b: {}, span: {} };
    const quote = { dataset: {}, matches: () => false, querySelector: (part) => parts[part] };
    const bar = { querySelector: (part) => (part === ".quote" ? quote : {}) };
    const messages = [message({ seq: 7, kind: "notice", content: "", data: { event: "recalled" } }), message({ seq: 8, content: "edited" })];
    const aids = Object.assign(Object.create(WritingAids.prototype), { bar, me: "a", conversation: () => ({ timeline: { messages } }) });
    const said = (seq) => {
      const extra = { reply_to: { seq, sender: "a", excerpt: "before" } };
      aids.show(extra);
      return [parts.span.textContent, extra.reply_to.excerpt];
    };
    assert.deepEqual([7, 8, 9].map(said), [["recalled", ""], ["edited", "edited"], ["before", "before"]]);
  });
});
