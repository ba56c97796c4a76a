import assert from "node:assert/strict";
import { it } from "node:test";

import { marked } from "../../../static/js/composer/marks.js";

// The text afterwards, with the selection in brackets. before: likewise.
function mark(before, sign) {
  const start = before.indexOf("[");
  const end = before.indexOf("]") - 1;
  const value = before.replace(/[[\]]/g, "");
  const found = marked(value, start, end, sign);
  const after = value.slice(0, found.from) + found.words + value.slice(found.to);
  return `${after.slice(0, found.start)}[${after.slice(found.start, found.end)}]${after.slice(found.end)}`;
}

it("puts marks around the selection, within its spaces", () => {
  assert.equal(mark("see [this] now", "**"), "see **[this]** now");
  assert.equal(mark("see[ this ]now", "*"), "see *[this]* now");
  assert.equal(mark("see []", "**"), "see **[]**");
  assert.equal(mark("[   ]", "*"), "   *[]*");
});

it("takes away marks that are there, and no others", () => {
  assert.equal(mark("see **[this]** now", "**"), "see [this] now");
  assert.equal(mark("see *[this]* now", "*"), "see [this] now");
  assert.equal(mark("see **[this]** now", "*"), "see ***[this]*** now");
});
