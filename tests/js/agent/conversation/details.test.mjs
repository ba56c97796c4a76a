import assert from "node:assert/strict";
import { it } from "node:test";

import { Details } from "../../../../static/js/agent/conversation/details.js";

it("loads the panel anew where its visitor was linked or parted", () => {
  const done = [];
  const details = Object.create(Details.prototype);
  const panel = { update: (facts) => done.push(facts), refresh: () => done.push("refresh") };
  Object.assign(details, { visitor: { visitor: "v" }, showVisitor() {}, inPanel: (use) => use(panel) });
  details.updateVisitor({ type: "visitor", visitor: "v", name: "Li" });
  assert.deepEqual(done, [{ visitor: "v", name: "Li" }]);
  details.updateVisitor({ type: "visitor", visitor: "w", linked: true });
  details.updateVisitor({ type: "visitor", visitor: "v", name: "Li", linked: true });
  assert.deepEqual(done.slice(1), [{ visitor: "v", name: "Li" }, "refresh"]);
});
