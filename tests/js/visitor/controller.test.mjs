import assert from "node:assert/strict";
import { it } from "node:test";

import { readBefore } from "../../../static/js/visitor/controller.js";

it("takes the messages before the unread ones as read, and none where more are unread than it has", () => {
  const messages = [5, 6, 7, 8].map((seq) => ({ seq, kind: "message", sender: seq === 5 ? "me" : "agent" }));
  const read = [0, 1, 3, 4, 90].map((unread) => readBefore(messages, unread, "me"));
  assert.deepEqual([...read, readBefore([], 2, "me")], [8, 7, 5, 4, 4, 0]);
});
