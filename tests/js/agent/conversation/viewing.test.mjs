import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { AGAIN, FADES, Viewing, words } from "../../../../static/js/agent/conversation/viewing.js";
import { Clock } from "../../helpers.mjs";

const bob = { member: "b", name: "Bob", avatar: "", window: "1", group: "g", looking: true };
const carol = { member: "c", name: "Carol", avatar: "", window: "2", group: "g", looking: true };

describe("who looks at a conversation", () => {
  let clock, document, sent, shown, online, away, viewing;

  beforeEach(() => {
    clock = new Clock();
    document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    [sent, shown, online, away] = [[], [], true, new Set()];
    viewing = new Viewing({
      clock,
      document,
      send: ({ type, group }) => online && type === "viewing" && sent.push(group) > 0,
      isAway: (who) => away.has(who),
      onChange: (people) => (shown = people.map(({ name }) => name)),
    });
  });

  const see = (state) => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };

  it("is told once one stays with a conversation, not for each that is walked past", async () => {
    for (const group of ["a", "b", "c"]) {
      viewing.use(group);
      await clock.pass(200);
    }
    await clock.pass(1000);
    assert.deepEqual(sent, ["c"]);
    viewing.use("d");
    await clock.pass(1000);
    viewing.use(null);
    await clock.pass(1000);
    assert.deepEqual(sent, ["c", "d", null]);
  });

  it("is told again and again while it lasts, and never where there was nothing to tell", async () => {
    viewing.connected();
    await clock.pass(60_000);
    assert.deepEqual(sent, []);
    viewing.use("g");
    await clock.pass(1000 + 2 * AGAIN);
    assert.deepEqual(sent, ["g", "g", "g"]);
  });

  it("ends while the tab is hidden", async () => {
    viewing.use("g");
    await clock.pass(1000);
    see("hidden");
    await clock.pass(3 * AGAIN);
    assert.deepEqual(sent, ["g", null]);
    see("visible");
    await clock.pass(1000);
    assert.deepEqual(sent, ["g", null, "g"]);
  });

  it("is told to a new connection, which knows nothing", async () => {
    online = false;
    viewing.use("g");
    await clock.pass(1000);
    online = true;
    viewing.connected();
    await clock.pass(1000);
    viewing.connected();
    await clock.pass(1000);
    assert.deepEqual(sent, ["g", "g"]);
  });

  it("shows the others until they look away, or were long not heard of", async () => {
    viewing.use("g");
    viewing.update(bob);
    viewing.update(carol);
    assert.deepEqual(shown, ["Bob", "Carol"]);
    viewing.update({ ...carol, looking: false });
    assert.deepEqual(shown, ["Bob"]);
    await clock.pass(FADES - 1000);
    viewing.update(carol);
    viewing.update(bob);
    assert.deepEqual(shown, ["Bob", "Carol"]);
    viewing.update({ ...carol, looking: false });
    await clock.pass(FADES - 1000);
    assert.deepEqual(shown, ["Bob"]);
    await clock.pass(1000);
    assert.deepEqual(shown, []);
  });

  it("shows one who looks from two windows once, until the last of them is gone", () => {
    viewing.use("g");
    viewing.update(bob);
    viewing.update({ ...bob, window: "3" });
    assert.deepEqual(shown, ["Bob"]);
    viewing.update({ ...bob, looking: false });
    assert.deepEqual(shown, ["Bob"]);
    viewing.update({ ...bob, window: "3", looking: false });
    assert.deepEqual(shown, []);
  });

  it("shows nobody of another conversation, and nobody who has left the desk", () => {
    viewing.use("g");
    viewing.update({ ...bob, group: "other" });
    assert.deepEqual(shown, []);
    viewing.update(bob);
    away.add("b");
    viewing.show();
    assert.deepEqual(shown, []);
    away.clear();
    viewing.show();
    assert.deepEqual(shown, ["Bob"]);
    viewing.use("other");
    assert.deepEqual(shown, []);
  });

  it("tells a newcomer of oneself soon, and several with one frame", async () => {
    viewing.use("g");
    await clock.pass(10_000);
    viewing.update(bob);
    await clock.pass(100);
    assert.deepEqual(sent, ["g", "g"]);
    viewing.update(carol);
    viewing.update({ ...carol, window: "4" });
    viewing.update(bob);
    await clock.pass(5000);
    assert.deepEqual(sent, ["g", "g", "g"]);
  });

  it("is called by name, and by number where they are many", () => {
    assert.deepEqual([[], ["A"], ["A", "B"], ["A", "B", "C"]].map(words), ["", "looking_one", "looking_two", "looking_many"]);
  });
});
