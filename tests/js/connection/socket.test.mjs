import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Connection } from "../../../static/js/connection/socket.js";
import { Clock, fakeSockets } from "../helpers.mjs";

describe("a connection", () => {
  let clock, made, connection, states, events, held, random, take, reported;

  beforeEach(() => {
    clock = new Clock();
    const sockets = fakeSockets();
    made = sockets.made;
    states = [];
    events = [];
    held = { g: 7 };
    random = 1;
    take = () => {};
    reported = [];
    connection = new Connection({
      url: "ws://here/",
      completeSeqs: () => held,
      onEvent: (event) => {
        events.push(event.type);
        take(event);
      },
      onState: (state, code) => states.push([state, code]),
      clock,
      WebSocket: sockets.FakeSocket,
      random: () => random,
      report: (error) => reported.push(error.message),
    });
    connection.open();
  });

  const hello = () => made.at(-1).say({ type: "hello", groups: [] });

  it("is open after hello, and first asks for what was missed", () => {
    hello();
    assert.deepEqual(states, [["connecting", null], ["open", null]]);
    assert.deepEqual(made[0].sent, [{ type: "sync", groups: { g: 7 } }]);
  });

  it("asks again while the answer names more", () => {
    hello();
    held = { g: 507 };
    made[0].say({ type: "synced", groups: { g: 507 }, more: ["g"] });
    made[0].say({ type: "synced", groups: { g: 600 }, more: [] });
    assert.deepEqual(made[0].of("sync").map((frame) => frame.groups.g), [7, 507]);
  });

  it("takes every event of a frame in order", () => {
    made[0].say({ type: "hello" }, { type: "a" }, { type: "b" });
    assert.deepEqual(events, ["hello", "a", "b"]);
  });

  it("survives a frame that is no JSON", () => {
    hello();
    made[0].onmessage({ data: "{" });
    assert.equal(connection.state, "open");
  });

  it("loses nothing but the one event that a handler fails at", () => {
    take = ({ type }) => {
      if (type === "hello" || type === "bad") throw new Error(type);
    };
    made[0].say({ type: "hello" }, { type: "bad" }, null, { type: "b" });
    assert.deepEqual(events, ["hello", "bad", "b"]);
    assert.deepEqual(reported.slice(0, 2), ["hello", "bad"]);
    assert.equal(reported.length, 3);
    assert.equal(made[0].of("sync").length, 1);
  });

  it("that a handler stops sends nothing and hears nothing more", async () => {
    take = () => connection.stop();
    made[0].say({ type: "hello" }, { type: "a" });
    connection.wake();
    await clock.pass(100_000);
    assert.deepEqual(events, ["hello"]);
    assert.deepEqual(made[0].sent, []);
    assert.equal(made.length, 1);
    assert.equal(connection.send({ type: "typing" }), false);
  });

  it("pings every 25 s and says how many frames it got", async () => {
    hello();
    await clock.pass(25_000);
    assert.deepEqual(made[0].of("ping"), [{ type: "ping", got: 1 }]);
    made[0].say({ type: "pong" });
    await clock.pass(25_000);
    assert.deepEqual(made[0].of("ping").at(-1), { type: "ping", got: 2 });
  });

  it("pings at the latest after each MiB received", () => {
    hello();
    const text = "x".repeat(200_000);
    for (let sent = 0; sent < 1024 * 1024; sent += text.length) made[0].say({ type: "filler", text });
    assert.ok(made[0].of("ping").length >= 1);
  });

  it("syncs at a slow beat of at most 30 s", async () => {
    hello();
    await clock.pass(24_000);
    made[0].say({ type: "pong" });
    await clock.pass(6_000);
    assert.equal(made[0].of("sync").length, 2);
  });

  it("asks at the beat, too, while it knows of no conversation, and not just after a hello", async () => {
    held = {};
    hello();
    assert.deepEqual(made[0].of("sync"), []);
    await clock.pass(24_000);
    made[0].say({ type: "pong" });
    await clock.pass(6_000);
    assert.deepEqual(made[0].of("sync"), [{ type: "sync", groups: {} }]);
  });

  it("finds out that a line is dead when a ping is not answered", async () => {
    hello();
    await clock.pass(36_000);
    assert.equal(states.at(-1)[0], "connecting");
    assert.equal(made.length, 2);
  });

  it("gives up a handshake that is never answered", async () => {
    await clock.pass(10_000);
    assert.equal(connection.state, "waiting");
  });

  it("waits for its turn while it is told to, and no longer", async () => {
    for (let told = 0; told < 10; told += 1) {
      await clock.pass(9_000);
      made[0].say();
    }
    assert.equal(connection.state, "connecting");
    await clock.pass(9_999);
    assert.equal(made.length, 1);
    await clock.pass(1);
    assert.equal(connection.state, "waiting");
  });

  it("is greeted after it has waited, and tells of each frame that it got", async () => {
    made[0].say();
    await clock.pass(5_000);
    hello();
    await clock.pass(25_000);
    assert.deepEqual(made[0].of("ping"), [{ type: "ping", got: 2 }]);
    assert.equal(connection.state, "open");
  });

  it("waits twice as long after each failure, from half a second to half a minute", async () => {
    const waits = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const before = clock.now;
      made.at(-1).end(1006);
      while (connection.state === "waiting") await clock.pass(50);
      waits.push(Math.round((clock.now - before) / 500) * 500);
    }
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("spreads the tries by chance, never to less than half", async () => {
    random = 0;
    made[0].end(1012);
    await clock.pass(249);
    assert.equal(made.length, 1);
    await clock.pass(1);
    assert.equal(made.length, 2);
  });

  it("begins with short waits again after a hello", async () => {
    made[0].end(1006);
    await clock.pass(500);
    made[1].end(1006);
    await clock.pass(1000);
    hello();
    made[2].end(4408);
    await clock.pass(500);
    assert.equal(made.length, 4);
  });

  for (const code of [4400, 4401, 4403, 4404]) {
    it(`stops for good at ${code}`, async () => {
      hello();
      made[0].end(code);
      await clock.pass(600_000);
      assert.deepEqual(states.at(-1), ["stopped", code]);
      assert.equal(made.length, 1);
      connection.wake();
      assert.equal(made.length, 1);
    });
  }

  describe("of a visitor who was not let in", () => {
    beforeEach(() => {
      connection.patient = true;
      hello();
      made[0].end(4403);
    });

    it("asks again once a minute, and says nothing of it until it is let in", async () => {
      await clock.pass(60_000);
      assert.equal(made.length, 2);
      made[1].end(4403);
      await clock.pass(59_000);
      assert.equal(made.length, 2);
      await clock.pass(1000);
      assert.equal(made.length, 3);
      assert.deepEqual(states.slice(2), [["stopped", 4403], ["stopped", 4403]]);
      hello();
      assert.deepEqual(states.at(-1), ["open", null]);
      assert.deepEqual(made[2].of("sync"), [{ type: "sync", groups: { g: 7 } }]);
    });

    it("asks at once when the page is looked at again", () => {
      connection.wake();
      assert.equal(made.length, 2);
    });

    it("comes back from a loss as ever", async () => {
      connection.wake();
      made[1].end(1006);
      await clock.pass(1000);
      assert.equal(made.length, 3);
      assert.deepEqual(states.slice(-2), [["waiting", 1006], ["connecting", null]]);
    });

    it("is over for good where there is no such place any more", async () => {
      connection.wake();
      made[1].end(4404);
      await clock.pass(600_000);
      assert.equal(made.length, 2);
    });
  });

  for (const code of [1006, 1012, 1013, 4408]) {
    it(`comes back after ${code}`, async () => {
      hello();
      made[0].end(code);
      await clock.pass(1000);
      assert.equal(made.length, 2);
    });
  }

  it("comes back slowly when there are too many windows", async () => {
    made[0].end(4429);
    connection.wake();
    await clock.pass(29_000);
    assert.equal(made.length, 1);
    await clock.pass(31_000);
    assert.equal(made.length, 2);
  });

  it("tries at once when the device wakes up", () => {
    made[0].end(1006);
    connection.wake();
    assert.equal(made.length, 2);
  });

  it("asks for a sign of life when the device wakes up on an open line", () => {
    hello();
    connection.wake();
    assert.equal(made[0].of("ping").length, 1);
  });

  it("hears nothing more of a socket that it gave up", async () => {
    hello();
    const old = made[0];
    const late = old.onmessage;
    connection.offline();
    await clock.pass(1000);
    late({ data: '[{"type":"late"}]' });
    assert.ok(!events.includes("late"));
  });

  it("hands nothing over before hello", () => {
    assert.equal(connection.send({ type: "typing" }), false);
    hello();
    assert.equal(connection.send({ type: "typing" }), true);
  });
});
