import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT, Versions } from "../../../static/js/agent/versions.js";

test("an older fact that comes late is left out, field by field", () => {
  const versions = new Versions();
  const answered = { waiting_since: null, due_at: null };
  assert.deepEqual(versions.newer("g", 6, answered), answered);
  const late = { claimed_by: "a", waiting_since: "then", due_at: "soon", unread: 2 };
  assert.deepEqual(versions.newer("g", 5, late), { claimed_by: "a", unread: 2 });
  assert.deepEqual(versions.newer("g", 4, { claimed_by: null }), {});
  versions.newer("g", 6, { group_name: "Li" });
  assert.deepEqual(versions.newest("g", 5, { group_name: "Visitor 7" }), { group_name: "Li" }, "of a visitor who was named since");
  assert.deepEqual(versions.newer("g", 5, { claimed_by: "b" }), { claimed_by: "b" }, "the same number counts");
  assert.deepEqual(versions.newer("other", 1, { claimed_by: "c" }), { claimed_by: "c" });
});

test("an answer that was read before a push keeps what the push told", () => {
  const versions = new Versions();
  versions.newer("g", 6, { claimed_by: "a", members: [1] });
  const answer = { group: "g", claimed_by: null, open: true, unread: 3 };
  assert.deepEqual(versions.newest("g", 5, answer), { group: "g", claimed_by: "a", open: true, unread: 3 });
  assert.deepEqual(versions.newer("g", 4, { open: false }), {}, "and counts for what comes after");
  assert.deepEqual(versions.newest("g", 7, { members: [] }), { members: [] });
});

test("facts without a version, from an older server, all count", () => {
  const versions = new Versions();
  versions.newer("g", 9, { open: false });
  assert.deepEqual(versions.newer("g", undefined, { open: true }), { open: true });
});

test("a seat that was taken again is not lost by the leaving before it", () => {
  const versions = new Versions();
  assert.equal(versions.seat("g", 7), true);
  assert.equal(versions.seat("g", 5), false);
  assert.equal(versions.seat("g", undefined), true);
});

test("a page that is open for weeks keeps the versions of the liveliest conversations alone", () => {
  const versions = new Versions();
  versions.newer("lively", 9, { open: false });
  for (let n = 0; n < 2 * KEPT; n += 1) {
    versions.newer(`g${n}`, 3, { open: true, claimed_by: null });
    if (n % 100 === 0) versions.newer("lively", 9 + n, { open: false });
  }
  assert.equal(versions.known.size, KEPT);
  assert.deepEqual(versions.newer("lively", 8, { open: true }), {}, "what is old there stays out");
  assert.deepEqual(versions.newer(`g${2 * KEPT - 1}`, 2, { open: false }), {});
});
