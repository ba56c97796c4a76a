import assert from "node:assert/strict";
import { it } from "node:test";

import { inWords } from "../../../../static/js/agent/conversation/visitor_attributes.js";
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

it("shows numbers and days of attributes in words, and what is masked or no such value as it is", () => {
  assert.equal(inWords("number", "1234567.25"), "1,234,567.25");
  for (const other of ["138…12", "0012345", ""]) assert.equal(inWords("number", other), other);
  for (const other of ["2026-99-99", "2026-02-30", "2026", ""]) assert.equal(inWords("date", other), other);
  assert.match(inWords("date", "2026-11-30"), /2026/);
  assert.notEqual(inWords("date", "2026-11-30"), "2026-11-30");
  assert.equal(inWords("text", "1234"), "1234");
});

it("leaves a form open that was opened before this was loaded, and closes and empties it with the conversation", () => {
  const part = { open: true };
  const form = { inert: true, setAttribute: (_name, value) => (form.to = value), querySelector() {}, reset: () => (form.emptied = true) };
  const found = { details: [part], ".about": [form] };
  const element = { querySelector: () => ({ hidden: true }), querySelectorAll: (name) => found[name] ?? [], hasAttribute: () => false };
  const panel = Object.create(VisitorPanel.prototype);
  Object.assign(panel, { panel: element, group: null, draw() {}, href: (group) => `/${group}/` });
  panel.adopt("a", "v");
  assert.deepEqual([part.open, form.to, form.inert, form.emptied], [true, "/a/visitor/", false, undefined]);
  panel.show("b", {});
  assert.deepEqual([part.open, form.to, form.emptied], [false, "/b/visitor/", true]);
});

it("leaves a form alone that is another conversation's once the answer comes", async () => {
  const done = [];
  const form = {
    ...{ elements: {}, getAttribute: () => "/", reset: () => done.push("emptied") },
    querySelector: (name) => (name === ".field-error" ? { set textContent(words) { done.push(words); } } : { dataset: {} }),
    closest: () => ({ querySelector: () => ({ focus() {} }), set open(open) { done.push(open); } }),
  };
  globalThis.document = { cookie: "", querySelector: () => null };
  globalThis.FormData = class { *[Symbol.iterator]() {} };
  const panel = Object.assign(Object.create(VisitorPanel.prototype), { refresh() {}, onFailure: ({ code }) => done.push(code) });
  for (const [group, answer, status] of [["a", {}, 200], ["a", { error: "conflict" }, 409], ["b", {}, 200]]) {
    globalThis.fetch = async () => Response.json(answer, { status });
    panel.group = group;
    const submitted = panel.submitted({ preventDefault() {}, target: form });
    panel.group = "b";
    await submitted;
  }
  assert.deepEqual(done, ["conflict", "", "emptied", false]);
});
