import assert from "node:assert/strict";
import { it } from "node:test";

import { Conversation } from "../../../static/js/connection/conversation.js";
import { Timeline } from "../../../static/js/connection/timeline.js";
import { visitorEvents } from "../../../static/js/visitor/events.js";

it("tells again how far was read, where that was refused", () => {
  const messages = [{ seq: 1, sender: "me", kind: "message" }, { seq: 2, sender: "agent", kind: "message" }];
  const conversation = new Conversation({ group: "one", url: "", timeline: new Timeline({ messages }), readSeq: 1, me: "me" });
  const { handle } = visitorEvents({ conversation, read() {} });
  conversation.readSeq = 2;
  assert.equal(conversation.unreadUpTo, 0);
  handle({ type: "error", code: "unavailable", group: "one" });
  assert.equal(conversation.unreadUpTo, 2);
});

it("says that a recall was refused, and leaves the read mark alone", () => {
  const said = [];
  const { handle } = visitorEvents({ conversation: {}, status: { notify: (key) => said.push(key) } });
  handle({ type: "error", code: "conflict", group: "one", seq: 2 });
  assert.deepEqual(said, ["not_done"]);
});
