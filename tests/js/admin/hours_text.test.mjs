import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatHolidays,
  formatSpans,
  isOverMidnight,
  parseHolidays,
  parseSpans,
} from "../../../static/js/admin/hours_text.js";

test("spans go into inputs and come out as they were", () => {
  for (const text of ["", "9:00-18:00", "9:00-12:00, 13:30-18:00", "22:00-6:00", "0:00-24:00"]) {
    assert.equal(formatSpans(parseSpans(text)), text);
  }
});

test("what people write in other ways is read as the server reads it", () => {
  assert.deepEqual(parseSpans("9-12、13:30～18：00"), [["09:00", "12:00"], ["13:30", "18:00"]]);
  assert.deepEqual(parseSpans("18:00-24:00"), [["18:00", "00:00"]]);
});

test("what inputs cannot show is left to the text field", () => {
  for (const text of ["9 to 5", "25:00-26:00", "9:61-10:00", "9:00-24:30"]) {
    assert.equal(parseSpans(text), null, text);
  }
});

test("what the server refused comes back to the inputs in which it was written", () => {
  for (const text of ["9:00-", "-18:00", "9:00-12:00, 13:30-"]) {
    assert.equal(formatSpans(parseSpans(text)), text);
  }
  assert.deepEqual(parseSpans("-18:00"), [["", "18:00"]]);
  for (const text of ["2026-10-07..2026-10-01 Week", "New Year", "+Swapped"]) {
    assert.equal(formatHolidays(parseHolidays(text)), text);
  }
});

test("a span that is not complete stays for the server to refuse, an empty one goes", () => {
  assert.equal(formatSpans([["09:00", ""], ["", ""], ["10:00", "11:00"]]), "9:00-, 10:00-11:00");
});

test("a span may end on the next day, midnight is the end of this one", () => {
  assert.equal(isOverMidnight(["22:00", "06:00"]), true);
  assert.equal(isOverMidnight(["22:00", "00:00"]), false);
  assert.equal(isOverMidnight(["09:00", ""]), false);
});

test("days in a row with one name are one holiday, and come out as such", () => {
  const text = "2026-09-30 国庆\n2026-10-01 国庆\n2026-10-02 国庆\n+2026-10-10\n2026-12-25..2026-12-26 Christmas";
  const rows = parseHolidays(text);
  assert.deepEqual(rows[0], { first: "2026-09-30", last: "2026-10-02", name: "国庆", worked: false });
  assert.deepEqual(rows[1], { first: "2026-10-10", last: "2026-10-10", name: "", worked: true });
  assert.equal(
    formatHolidays(rows),
    "2026-09-30..2026-10-02 国庆\n+2026-10-10\n2026-12-25..2026-12-26 Christmas",
  );
});

test("a day that no calendar has is left to the text field", () => {
  for (const text of ["2026-02-30 x", "2026 or so", "2026-13-01"]) {
    assert.equal(parseHolidays(text), null, text);
  }
});

test("a row without a date is not dropped", () => {
  assert.equal(formatHolidays([{ first: "", last: "", name: "New Year", worked: false }]), "New Year");
  assert.equal(formatHolidays([{ first: "", last: "", name: " ", worked: true }]), "");
});
