import assert from "node:assert/strict";
import { test } from "node:test";

import { copy } from "../../../static/js/shared/clipboard.js";

test("where a frame must not write to the clipboard, the text is selected and copied", async () => {
  const copied = [];
  const field = { select: () => copied.push(field.value), remove() {} };
  const document = { createElement: () => field, body: { append() {} }, execCommand: (name) => name === "copy" };
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
  Object.assign(globalThis, { document, navigator: { clipboard: { writeText: () => Promise.reject(Error("NotAllowedError")) } } });
  assert.ok(await copy("a text"));
  assert.deepEqual(copied, ["a text"]);
  navigator.clipboard.writeText = () => Promise.resolve();
  assert.ok(await copy("another"));
  assert.deepEqual(copied, ["a text"]);
});
