import assert from "node:assert/strict";
import { it } from "node:test";

// Before the first format is made: they are kept.
globalThis.document = { documentElement: { lang: "zh-CN" } };
const { moment } = await import("../../../static/js/shared/hours.js");
const NOW = new Date(2026, 10, 27, 17, 30);

it("keeps the hour of a moment just after midnight", () => {
  assert.equal(moment(new Date(2026, 10, 28, 0, 52), NOW), "明天 0:52");
});

it("has no nought before an hour of one figure", () => {
  assert.equal(moment(new Date(2026, 10, 28, 9), NOW), "明天 9:00");
});
