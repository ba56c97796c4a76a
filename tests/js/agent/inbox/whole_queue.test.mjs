import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { WholeQueue } from "../../../../static/js/agent/inbox/whole_queue.js";
import { Selection } from "../../../../static/js/agent/inbox/selection.js";
import { Clock, fakeSockets, settled } from "../../helpers.mjs";

describe("a manager's queue", () => {
  let clock, page, pages, column, asked, stale, socket;
  beforeEach(() => {
    globalThis.location = new URL("https://kefu.example/agent/");
    clock = new Clock();
    page = Object.assign(new EventTarget(), { hidden: false });
    [asked, stale, pages] = [0, 0, []];
    column = {
      chosen: new Selection({ view: "waiting" }),
      inbox: { shown: [], more: null },
      ask: async () => ({ number: (asked += 1), more: "next" }),
      views: { stale: () => (stale += 1) },
    };
    const { FakeSocket, made } = fakeSockets();
    new WholeQueue({ address: "/ws/live/", column, onPage: (answer) => pages.push(answer.number), document: page, clock, WebSocket: FakeSocket, random: () => 0 });
    socket = () => made.at(-1);
  });

  it("asks for the first page at each hint, and at most once a second", async () => {
    assert.equal(socket().url, "wss://kefu.example/ws/live/");
    socket().say({ type: "hello" });
    await clock.pass(0);
    for (let n = 0; n < 5; n += 1) socket().say({ type: "changed" });
    await clock.pass(999);
    assert.deepEqual(pages, [1]);
    await clock.pass(1);
    assert.deepEqual(pages, [1, 2]);
    socket().say({ type: "pong" });
    await clock.pass(5_000);
    assert.equal(asked, 2);
  });

  for (const [rows, limit, more, broken] of [[5, 30, "next", undefined], [60, 60, "next", undefined], [150, 100, "own", true]]) {
    it(`asks for as much as is shown, and reads on below it, with ${rows} rows`, async () => {
      Object.assign(column.inbox, { shown: Array(rows).fill({}), more: "own" });
      column.ask = async (fields) => ({ number: fields, more: "next" });
      socket().say({ type: "changed" });
      await clock.pass(0);
      assert.deepEqual([pages, column.inbox.more, column.broken], [[{ view: "waiting", limit }], more, broken]);
    });
  }

  it("shows no page that was asked for before the one that is shown", async () => {
    const answers = [];
    column.ask = () => new Promise((resolve) => answers.push(resolve));
    socket().say({ type: "changed" });
    await clock.pass(0);
    socket().say({ type: "changed" });
    await clock.pass(1_000);
    answers[1]({ number: 2 });
    answers[0]({ number: 1 });
    await settled();
    assert.deepEqual(pages, [2]);
  });

  it("asks for the numbers alone in another view, and for nothing while it is not seen", async () => {
    column.chosen = new Selection({ view: "mine" });
    socket().say({ type: "changed" });
    await clock.pass(1_000);
    assert.deepEqual([asked, stale], [0, 1]);
    page.hidden = true;
    socket().say({ type: "changed" });
    await clock.pass(5_000);
    page.hidden = false;
    page.dispatchEvent(new Event("visibilitychange"));
    await clock.pass(0);
    assert.deepEqual([asked, stale], [0, 2]);
  });

  it("listens again after its socket was lost", async () => {
    const first = socket();
    first.end(1006);
    await clock.pass(4_000);
    assert.notEqual(socket(), first);
    socket().say({ type: "hello" });
    await clock.pass(25_000);
    await settled();
    assert.deepEqual([asked, socket().of("ping")], [1, [{ type: "ping", got: 1 }]]);
  });
});
