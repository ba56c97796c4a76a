import assert from "node:assert/strict";
import { it } from "node:test";

import { marked, sources } from "../../../static/js/thread/citations.js";
import { uncited, words } from "../../../static/js/thread/words.js";

const CITED = [
  { n: 1, title: "Refunds", url: "/help/acme/refunds/?lang=en" },
  { n: 2, title: "Times", url: "/help/acme/times/?lang=en" },
  { n: 3, title: "Refunds", url: "/help/acme/refunds/?lang=en" },
];
const mark = (n) => ({ kind: "mark", parts: [String(n)] });

it("has a mark for each number that is cited, in formatted texts as well", () => {
  const nodes = ["Free [1], https://a.com/x[2] in [4]", { kind: "bold", parts: ["[3]"] }];
  const found = ["Free", mark(1), ", https://a.com/x", mark(2), " in [4]", { kind: "bold", parts: [mark(3)] }];
  assert.deepEqual(marked(nodes, CITED), found);
  assert.deepEqual(marked([""], []), []);
});

it("shows each article once with its numbers", () => {
  assert.deepEqual(sources(CITED).map(({ title, numbers }) => [title, numbers]), [["Refunds", [1, 3]], ["Times", [2]]]);
});

it("leaves no marks in lists, quotes and the clipboard, and other numbers as they are", () => {
  const data = { generated: true, citations: CITED };
  assert.equal(uncited("Free [1].[2] See [4]", data), "Free. See [4]");
  assert.equal(uncited("a[1]", null), "a[1]");
  assert.equal(words({ content: "", formatted: [{ kind: "bold", parts: ["Free[1]"] }], data }), "Free");
});
