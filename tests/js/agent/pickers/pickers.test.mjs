import assert from "node:assert/strict";
import { it } from "node:test";

import { Pickers } from "../../../../static/js/agent/pickers/pickers.js";

it("gives the keyboard back while the server does not say who can be chosen", { timeout: 5_000 }, async (test) => {
  test.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { querySelector: () => null };
  const opened = [];
  const root = { querySelector: () => ({}) };
  const pickers = new Pickers({ load: () => new Promise(() => {}) });
  pickers.show = () => ({ root, open: () => opened.push("opened") });
  const chosen = pickers.choose({ textContent: "Transfer" }, "transfer");
  test.mock.timers.tick(1_000);
  await chosen;
  assert.deepEqual(opened, ["opened"]);
});
