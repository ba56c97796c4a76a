import assert from "node:assert/strict";
import { it } from "node:test";

import { within } from "../../../../static/js/agent/inbox/list_width.js";

it("a list is never narrower or wider than can be used", () => {
  assert.deepEqual([-5, 279, 280, 333.4, 520, 521, 9_999].map(within), [280, 280, 280, 333, 520, 520, 520]);
});
