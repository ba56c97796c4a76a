import assert from "node:assert/strict";
import { it } from "node:test";

import { Writing } from "../../../../static/js/agent/conversation/writing.js";
import { openStore } from "../../../../static/js/connection/outbox.js";
import { Storage } from "../../helpers.mjs";

// Without the page around it.
const made = (parts) => Object.assign(Object.create(Writing.prototype), parts);

it("takes an unsent text back only once no other message is being edited", () => {
  const done = [];
  const sending = { act: (name) => done.push(name) };
  const writing = made({ sending, aids: { aids: { editing: { cancel: () => done.push("cancelled") } } } });
  writing.act("edit", "a");
  writing.act("retry", "a");
  assert.deepEqual(done, ["cancelled", "edit", "retry"]);
});

it("keeps a draft that another window has removed, and none that it has changed", () => {
  const store = openStore(new Storage());
  const composer = {
    ...{ key: null, field: { value: "" } },
    keep: () => store.set(composer.key, { text: composer.field.value }),
    use: (key) => Object.assign(composer, { key, field: { value: store.get(key)?.text ?? "" } }),
  };
  const parts = { collision: { hide() {} }, sending: { open() {} }, details: { known: {} }, aids: {} };
  const writing = made({ ...parts, composer, store, place: "me" });
  writing.use({ group: "a" });
  composer.field.value = "half a thought";
  writing.use({ group: "b" });
  assert.equal(store.get("me:draft:a").text, "half a thought");
  writing.use({ group: "a" });
  store.remove("me:draft:a");
  writing.use({ group: "a" });
  assert.equal(composer.field.value, "half a thought");
  store.set("me:draft:a", { text: "half a thought, and more" });
  writing.use({ group: "b" });
  assert.equal(store.get("me:draft:a").text, "half a thought, and more");
  assert.equal(store.get("me:draft:b"), null);
});
