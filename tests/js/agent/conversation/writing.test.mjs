import assert from "node:assert/strict";
import { it } from "node:test";

import { Writing } from "../../../../static/js/agent/conversation/writing.js";

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
