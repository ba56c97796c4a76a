import assert from "node:assert/strict";
import { it } from "node:test";

import { VisitorPanel } from "../../../../static/js/agent/conversation/visitor_panel.js";

it("keeps shown contact data until the hidden data changes", () => {
  const hidden = { visitor: "v", contact: "z…", attributes: { plan: "", n: "7" }, contacts_hidden: true };
  const panel = Object.create(VisitorPanel.prototype);
  Object.assign(panel, { visitor: hidden, draw() {}, panel: { querySelector: () => ({ focus() {} }) } });
  panel.reveal({ visitor: "v", contact: "zhang", attributes: { n: 7 }, contacts_hidden: false });
  panel.update({ name: "Li", contact: "z…", attributes: { n: 7 }, contacts_hidden: true });
  assert.deepEqual([panel.visitor.name, panel.visitor.contact], ["Li", "zhang"]);
  const changed = { contact: "z…", attributes: { n: 7, plan: "gold" }, contacts_hidden: true };
  panel.update(changed);
  assert.deepEqual(panel.visitor.attributes, changed.attributes);
});
