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

it("takes no form of the panel before that is loaded", async () => {
  const form = { inert: false };
  const details = Object.create(Details.prototype);
  const panel = Promise.resolve({ show: () => (form.inert = false) });
  Object.assign(details, { known: {}, forms: [form], panel, sit() {}, update() {} });
  details.open({ group: "g" });
  assert.equal(form.inert, true);
  await details.inPanel(() => {});
  assert.equal(form.inert, false);
  details.open({ group: "g" });
  assert.equal(form.inert, false, "what is being written keeps its place");
});
