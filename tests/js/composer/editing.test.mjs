import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { editable, Editing, stillPossible, WITHIN } from "../../../static/js/composer/editing.js";

const AT = Date.parse("2026-11-25T01:38:24.106Z");
const message = (more = {}) => ({ sender: "a", kind: "message", content: "x", created_at: "2026-11-25T01:38:24.106Z", ...more });

function composer() {
  const made = { field: { value: "half", focus() {}, setSelectionRange() {} }, note: false, extra: { reply_to: { seq: 1 } }, key: "one", store: new Map() };
  made.extend = (extra) => (made.extra = extra ? { ...made.extra, ...extra } : {});
  made.put = (value) => (made.field.value = value);
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

  it("leaves another conversation alone that was opened meanwhile", async () => {
    const field = composer();
    const editing = new Editing({ composer: field, save: async () => Object.assign(field, { key: "two", extra: {}, field: { ...field.field, value: "there" } }) });
    editing.begin(message({ seq: 7, content: "the words" }));
    await editing.send("other words");
    assert.equal(field.field.value, "there");
    assert.equal(field.store.get("one").text, "half");
  });

  it("becomes a draft once it is too late", () => {
    const before = { text: "half", note: false, extra: {} };
    const draft = { text: "other words", note: false, extra: { edit: { seq: 7, content: "the words", before, until: AT } } };
    assert.equal(stillPossible(draft, AT), draft);
    assert.deepEqual(stillPossible(draft, AT + 1), { ...before, text: "other words\nhalf" });
    assert.deepEqual(stillPossible({ ...draft, text: "the words" }, AT + 1), before);
    assert.equal(stillPossible(null), null);
  });
});
