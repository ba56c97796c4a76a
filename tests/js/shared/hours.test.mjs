import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { coming, hoursLine, moment } from "../../../static/js/shared/hours.js";
import { Clock } from "../helpers.mjs";

const NOW = new Date(2026, 10, 27, 17, 30);
const at = (day, hour) => new Date(2026, 10, day, hour);

describe("a moment to come", () => {
  it("is its clock today", () => assert.match(moment(at(27, 20), NOW), /^\D{0,3}\d{1,2}:00.{0,3}$/));
  it("is named today, too, in a sentence", () => assert.match(coming(at(27, 20), NOW), /^today \d{1,2}:00/));
  it("is tomorrow's", () => assert.match(moment(at(28, 9), NOW), /^tomorrow 9:00/));
  it("is a day's of this week", () => assert.match(moment(at(30, 9), NOW), /^Mon 9:00/));
  it("has its date beyond a week", () => assert.match(moment(new Date(2026, 11, 7, 9), NOW), /December/));
});

describe("working hours", () => {
  const line = (team, timers = new Clock(), told = []) => hoursLine(team, (then) => told.push(then), NOW, timers);

  it("say nothing while the team is there", () => {
    assert.equal(line({ open: true, closes_at: null, opens_at: null }), "");
  });

  it("say when it is back, or that it is closed", () => {
    assert.equal(line({ open: false, opens_at: at(30, 9).toISOString() }), "closed_until");
    assert.equal(line({ open: false, opens_at: null }), "closed");
  });

  it("end by themselves, and begin", async () => {
    const timers = new Clock();
    const told = [];
    const team = { online: 1, open: true, closes_at: at(27, 18).toISOString(), opens_at: at(30, 9).toISOString() };
    line(team, timers, told);
    await timers.pass(29 * 60_000);
    assert.deepEqual(told, []);
    await timers.pass(60_000);
    assert.deepEqual(told, [{ online: 1, open: false, closes_at: null, opens_at: team.opens_at }]);
    line(told[0], timers, told);
    await timers.pass(4 * 86_400_000);
    assert.equal(told.length, 2);
    assert.equal(told[1].open, true);
  });

  it("follow what was told last", async () => {
    const timers = new Clock();
    const told = [];
    line({ open: true, closes_at: at(27, 18).toISOString() }, timers, told);
    line({ open: true, closes_at: null }, timers, told);
    await timers.pass(86_400_000);
    assert.deepEqual(told, []);
  });
});
