import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { LONGEST, minutesUntil, snoozeTimes } from "../../../../static/js/agent/pickers/snooze_times.js";

const GIVEN = [[60, "1 hour"], [10_080, "1 week"]];
const names = (now) => snoozeTimes(GIVEN, now).map(({ name }) => name);

describe("the times of a snooze", () => {
  it("are lengths, this evening, the next morning and Monday, by time", () => {
    const wednesday = new Date(2026, 10, 25, 10, 0);
    assert.deepEqual(names(wednesday), ["1 hour", "Today", "Tomorrow", "Monday", "1 week"]);
    const [hour, evening, morning] = snoozeTimes(GIVEN, wednesday);
    assert.equal(hour.minutes, 60);
    assert.equal(evening.minutes, 8 * 60);
    assert.equal(morning.minutes, 23 * 60);
    for (const { until } of [hour, evening, morning]) assert.match(until, /\d/);
  });

  it("name no evening that has begun, and Monday once", () => {
    assert.deepEqual(names(new Date(2026, 10, 25, 17, 30)), ["1 hour", "Tomorrow", "Monday", "1 week"]);
    assert.deepEqual(names(new Date(2026, 10, 29, 20, 0)), ["1 hour", "Tomorrow", "1 week"]);
  });

  it("end a year ahead, and begin in a minute", () => {
    const now = new Date(2026, 0, 1);
    const later = (minutes) => new Date(now.getTime() + minutes * 60_000);
    assert.equal(minutesUntil(later(1), now), 1);
    assert.equal(minutesUntil(later(LONGEST), now), LONGEST);
    for (const bad of [later(0), later(-5), later(LONGEST + 1), new Date("")]) assert.equal(minutesUntil(bad, now), null);
  });
});
