import assert from "node:assert/strict";
import { it } from "node:test";

import { Files } from "../../../static/js/composer/files.js";

it("puts files into the tray of the conversation for which they were chosen", async () => {
  const staged = [];
  let open = { group: "one" };
  // Without the form's events.
  const files = Object.assign(Object.create(Files.prototype), {
    parts: { form: { offsetParent: {} }, target: () => open },
    attach: { stage: async (...what) => staged.push(what), use() {} },
  });
  const added = files.add(["a.pdf"]);
  open = null;
  files.use("two");
  await added;
  assert.deepEqual([staged, files.group], [[[["a.pdf"], "one"]], "two"]);
});
