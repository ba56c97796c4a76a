import assert from "node:assert/strict";
import { test } from "node:test";

import { due, fits, visitOf, welcome } from "../../../static/js/widget/inviting.js";

const MINUTE = 60_000;

test("a rule's page is a path, in which * stands for anything", () => {
  const yes = [
    ["*", "/"], ["*", "/any/thing"], ["/", "/"], ["/pricing", "/pricing"], ["/pricing", "/pricing/"], ["/pricing/", "/pricing"],
    ["/pricing*", "/pricing/plans"], ["/products/*", "/products/7"], ["/products/*", "/products/"], ["*/cart", "/de/cart"],
    ["/a*b*c", "/aXbYc"], ["/*/x/*", "/de/x/y"], ["/价格*", "/%E4%BB%B7%E6%A0%BC/1"], ["/%E4%BB%B7*", "/%E4%BB%B7%E6%A0%BC"], ["/a.b", "/a.b"],
  ];
  const no = [
    ["/pricing", "/pricing/plans"], ["/pricing", "/"], ["/", "/pricing"], ["/a*b*c", "/acb"], ["/ab*b", "/ab"], ["*/cart", "/cart/7"],
    ["/a.b", "/aXb"], ["/Pricing", "/pricing"], ["", "/"],
  ];
  for (const [pattern, path] of yes) assert.ok(fits(pattern, path), `${pattern} ${path}`);
  for (const [pattern, path] of no) assert.ok(!fits(pattern, path), `${pattern} ${path}`);
});

test("an address that cannot be read is none, and many stars take no time", () => {
  assert.ok(fits("*", "/%E4%"));
  assert.ok(!fits("/a", "/%E4%"));
  assert.ok(!fits(`${"/*a".repeat(60)}*b*a`, "/a".repeat(2_000)));
});

test("the first rule that fits is due once its seconds and visits are reached", () => {
  const rule = (rule, page, seconds = 0, visits = 1) => ({ rule, page, seconds, visits });
  const rules = [rule(1, "/pricing", 10), rule(2, "*", 5, 3), rule(3, "*", 20)];
  const at = (path, seconds, visits = 1) => due(rules, { path, seconds, visits })?.rule;
  assert.equal(at("/pricing", 9), undefined);
  assert.equal(at("/pricing", 10), 1);
  assert.equal(at("/", 10), undefined);
  assert.equal(at("/", 5, 3), 2);
  assert.equal(at("/pricing", 5, 3), 2, "the first of those whose time has come");
  assert.equal(at("/pricing", 10, 3), 1);
  assert.equal(at("/", 20), 3);
  assert.equal(due([], { path: "/", seconds: 99, visits: 9 }), undefined);
});

test("a visit goes on from page to page, and half an hour later it is another", () => {
  const keys = ["a", "b"];
  const first = visitOf({}, 1_000 * MINUTE, () => keys.shift());
  assert.deepEqual(first, { key: "a", visits: 1, seen: 1_000 * MINUTE, told: 0, done: undefined, answered: undefined });
  const next = visitOf(first, 1_029 * MINUTE, () => keys.shift());
  assert.deepEqual([next.key, next.visits], ["a", 1]);
  const later = visitOf({ ...next, done: "dismissed" }, 1_059 * MINUTE, () => keys.shift());
  assert.deepEqual([later.key, later.visits, later.done], ["b", 2, "dismissed"], "what was closed stays so");
});

test("nothing is welcome after a dismissal, and nothing twice", () => {
  const rule = { rule: 1 };
  const invitation = { visit: "a" };
  assert.ok(welcome({}, rule) && welcome({}, invitation));
  assert.ok(!welcome({ done: "dismissed" }, rule) && !welcome({ done: "dismissed" }, invitation));
  assert.ok(!welcome({ done: "opened" }, rule));
  assert.ok(welcome({ done: "opened" }, invitation), "who answered a rule may be spoken to by a person");
  assert.ok(!welcome({ done: "opened", answered: "a" }, invitation));
  assert.ok(welcome({ done: "opened", answered: "a" }, { visit: "b" }));
});

test("where nothing is told there is no key", () => {
  const visit = visitOf({}, 5 * MINUTE * 1_000, false);
  assert.equal(visit.key, undefined);
  assert.equal(visitOf(visit, 5 * MINUTE * 1_000 + 1, false).visits, 1, "still one visit");
});
