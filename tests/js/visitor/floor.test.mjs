import assert from "node:assert/strict";
import { test } from "node:test";

import { Floor, floorAfter } from "../../../static/js/visitor/floor.js";

const notice = (seq, event, facts = {}) => ({ seq, kind: "notice", data: { event, ...facts } });
const said = (seq, role, more) => ({ seq, kind: "message", sender_role: role, data: null, ...more });

test("a bot has the floor from an opening on, and nothing that it or the visitor says changes that", () => {
  assert.equal(floorAfter(notice(1, "opened", { bot: "r" })), true);
  assert.equal(floorAfter(notice(1, "opened")), false);
  assert.equal(floorAfter(said(2, "visitor")), undefined);
  assert.equal(floorAfter(said(3, "bot")), undefined);
  assert.equal(floorAfter(said(3, "agent", { automatic: true })), undefined);
});

test("a person who writes or claims has it, and so has whoever is handed it", () => {
  assert.equal(floorAfter(said(4, "agent")), false);
  for (const event of ["handed_over", "claimed", "moved", "closed"]) assert.equal(floorAfter(notice(4, event)), false);
  assert.equal(floorAfter(notice(4, "rated")), undefined);
});

test("the button follows the newest message, and where none says it what the server said last", () => {
  globalThis.document = { activeElement: {} };
  const form = { hidden: false, addEventListener() {}, contains: (one) => one === form.firstChild };
  let changes = 0;
  let lost = 0;
  const floor = new Floor({ form, last_seq: 5, changed: () => (changes += 1), left: () => (lost += 1) });
  const messages = [];
  const timeline = { latest: (fits) => messages.filter(fits).pop() };
  floor.show({ timeline });
  assert.equal(form.hidden, false);
  messages.push(notice(6, "handed_over"));
  floor.show({ timeline });
  assert.equal(form.hidden, true);
  messages.push(notice(7, "reopened", { bot: "r" }));
  floor.show({ timeline });
  assert.equal(form.hidden, false);
  assert.equal(changes, 2);
  assert.equal(lost, 0);
  form.firstChild = document.activeElement;
  floor.row({ bot: null, last_seq: 9 });
  floor.show({ timeline });
  floor.show({ timeline });
  assert.equal(form.hidden, true);
  assert.deepEqual([changes, lost], [3, 1], "the focus does not go with it");
});

test("that nobody could be asked for is said on the page, and the button asks again", async () => {
  Object.assign(globalThis, { document: { cookie: "" }, fetch: async () => Response.json({ error: "internal" }, { status: 500 }) });
  const form = { hidden: false, action: "/", addEventListener(_name, submit) { this.submit = submit; } };
  let failures = 0;
  new Floor({ form, last_seq: 1, changed: assert.fail, failed: () => (failures += 1) });
  for (const failed of [1, 2]) {
    await form.submit({ preventDefault() {} });
    assert.deepEqual([failures, form.hidden], [failed, false]);
  }
});
