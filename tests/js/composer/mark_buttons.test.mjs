import assert from "node:assert/strict";
import { it } from "node:test";

import { fenced, linked, listed } from "../../../static/js/composer/mark_buttons.js";

// The text afterwards, with the selection in ‹›. before: likewise.
function change(step, before) {
  const start = before.indexOf("‹");
  const end = before.indexOf("›") - 1;
  const value = before.replace(/[‹›]/g, "");
  const found = step(value, start, end);
  const after = value.slice(0, found.from) + found.words + value.slice(found.to);
  return `${after.slice(0, found.start)}‹${after.slice(found.start, found.end)}›${after.slice(found.end)}`;
}

it("each line that the selection touches becomes an item, and again none", () => {
  assert.equal(change(listed, "first\nse‹cond\nth›ird\nlast"), "first\n- second\n- third‹›\nlast");
  assert.equal(change(listed, "- o‹n›e"), "one‹›");
  assert.equal(change(listed, "- one\ntw‹o›"), "- one\n- two‹›");
  assert.equal(change(listed, "‹- one\ntwo›"), "- one\n- two‹›");
  assert.equal(change(listed, "‹›"), "- ‹›");
});

it("of a link what is still to be written is selected", () => {
  assert.equal(change(linked, "see ‹here›."), "see [here](‹https://›).");
  assert.equal(change(linked, "see ‹›"), "see [‹›](https://)");
});

it("several lines of code become a block", () => {
  assert.equal(change(fenced, "‹a\nb›"), "```\n‹a\nb›\n```");
});
