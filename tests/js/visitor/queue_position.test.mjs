import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { QueuePosition } from "../../../static/js/visitor/queue_position.js";
import { load } from "../../../static/js/shared/text.js";
import { Clock } from "../helpers.mjs";

const WORDS = {
  before_none: "next.",
  before_one: "{n} before.",
  before_other: "{n} before.",
  usually_minutes_one: "within {n} minute.",
  usually_minutes_other: "within {n} minutes.",
  usually_hours_other: "within {n} hours.",
};
const entries = Object.entries(WORDS).map(([key, textContent]) => ({ dataset: { key }, textContent }));
load({ querySelectorAll: () => [{ content: { querySelectorAll: () => entries } }], documentElement: { lang: "en" } });

describe("a place in the line", () => {
  function waits(online = true) {
    const clock = new Clock();
    const element = Object.preventExtensions({ textContent: "" });
    const page = { asked: 0, online };
    const ask = () => page.online && Boolean((page.asked += 1));
    const queue = new QueuePosition({ element, clock, ask });
    queue.wait(true);
    return { clock, element, page, queue };
  }

  it("is asked for soon, and then every ten seconds", async () => {
    const { clock, page, queue, element } = waits();
    await clock.pass(1000);
    assert.equal(page.asked, 1);
    queue.event({ before: 2, usual: 61 });
    assert.equal(element.textContent, "2 before. within 2 minutes.");
    await clock.pass(10_000);
    assert.equal(page.asked, 2);
    queue.event({ before: 0, usual: null });
    assert.equal(element.textContent, "next.");
  });

  it("in another team's line is not shown before the server knows it", async () => {
    const { clock, page, queue, element } = waits();
    await clock.pass(1000);
    queue.event({ before: 0, usual: null });
    queue.moved();
    assert.equal(element.textContent, "");
    await clock.pass(5_000);
    assert.equal(page.asked, 1);
    await clock.pass(500);
    assert.equal(page.asked, 2);
    queue.event({ before: 3, usual: null });
    assert.equal(element.textContent, "3 before.");
  });

  it("far back is asked for less often", async () => {
    const { clock, page, queue } = waits();
    await clock.pass(1000);
    queue.event({ before: 40, usual: null });
    await clock.pass(29_000);
    assert.equal(page.asked, 1);
    await clock.pass(1000);
    assert.equal(page.asked, 2);
  });

  it("is asked for no more when there is none, but for once, since a line is some seconds old", async () => {
    const { clock, page, queue, element } = waits();
    await clock.pass(1000);
    queue.event({ before: null, usual: null });
    await clock.pass(5_500);
    assert.equal(page.asked, 2);
    queue.event({ before: null, usual: null });
    await clock.pass(100_000);
    assert.deepEqual([page.asked, element.textContent], [2, ""]);
  });

  it("goes with the answer, also when a late one comes", async () => {
    const { clock, page, queue, element } = waits();
    await clock.pass(1000);
    queue.wait(false);
    queue.event({ before: 3, usual: null });
    await clock.pass(100_000);
    assert.deepEqual([page.asked, element.textContent], [1, ""]);
  });

  it("is not shown while nothing can be asked", async () => {
    const { clock, page, queue, element } = waits();
    await clock.pass(1000);
    queue.event({ before: 3, usual: null });
    page.online = false;
    await clock.pass(10_000);
    assert.equal(element.textContent, "");
    page.online = true;
    await clock.pass(10_000);
    queue.event({ before: 3, usual: null });
    assert.equal(element.textContent, "3 before.");
  });

  for (const [seconds, words] of [[0, "within 1 minute."], [60, "within 1 minute."], [3600, "within 60 minutes."], [3601, "within 2 hours."], [90_000, ""]]) {
    it(`${seconds} seconds are told as: ${words}`, () => {
      const { queue, element } = waits();
      queue.event({ before: 0, usual: seconds });
      assert.equal(element.textContent, `next. ${words}`.trim());
    });
  }
});
