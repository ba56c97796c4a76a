import assert from "node:assert/strict";
import { test } from "node:test";

import { elapsed } from "../../../static/js/shared/durations.js";

test("a wait is told as a clock, with hours from the first on", () => {
  const told = [-5, 0, 59, 60, 187, 3599, 3600, 3787, 90_061].map((seconds) => elapsed(seconds * 1000));
  assert.deepEqual(told, ["0:00", "0:00", "0:59", "1:00", "3:07", "59:59", "1:00:00", "1:03:07", "25:01:01"]);
});
