import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { openStore } from "../../../static/js/connection/outbox.js";
import { ReplySound } from "../../../static/js/visitor/reply_sound.js";
import { Clock, settled, Storage } from "../helpers.mjs";

describe("the sound of an answer", () => {
  const area = new Storage();
  function window({ looked = false, allowed = true, storage = new Storage(), clock = new Clock() } = {}) {
    const played = [];
    const chime = { ready: allowed, unlock: async () => allowed, play: (kind) => played.push(kind) };
    const state = { looked };
    const sound = new ReplySound({ store: openStore(storage), chime, looked: () => state.looked, locks: null, clock });
    return { sound, played, clock, state };
  }
  async function tell({ sound, clock }, id) {
    const told = sound.replyArrived({ id });
    await clock.pass(300);
    await told;
    await settled();
  }

  it("comes when nobody looks", async () => {
    const one = window();
    await tell(one, 1);
    assert.deepEqual(one.played, ["mine"]);
  });

  it("does not when the page is looked at, or becomes so", async () => {
    const one = window({ looked: true });
    await tell(one, 1);
    const two = window();
    const told = two.sound.replyArrived({ id: 1 });
    two.state.looked = true;
    await two.clock.pass(300);
    await told;
    assert.deepEqual([...one.played, ...two.played], []);
  });

  it("comes from one of several windows, and from none while another is looked at", async () => {
    const storage = new Storage();
    const windows = [window({ storage }), window({ storage })];
    for (const each of windows) await tell(each, 1);
    assert.deepEqual(windows.map(({ played }) => played.length), [1, 0]);
    const looking = window({ storage, looked: true, allowed: false });
    await looking.sound.replyArrived({ id: 2 });
    for (const each of windows) await tell(each, 2);
    assert.deepEqual(windows.map(({ played }) => played.length), [1, 0]);
  });

  it("is left to another window where the browser keeps this one silent", async () => {
    const storage = new Storage();
    const [silent, other] = [window({ storage, allowed: false }), window({ storage })];
    await tell(silent, 1);
    await tell(other, 1);
    assert.deepEqual([silent.played.length, other.played.length], [0, 1]);
  });

  it("of three answers at once is one", async () => {
    const one = window();
    for (const id of [1, 2, 3]) await tell(one, id);
    assert.equal(one.played.length, 1);
    await one.clock.pass(2500);
    await tell(one, 4);
    assert.equal(one.played.length, 2);
  });

  it("is muted for all windows, and stays so", async () => {
    const [one, other] = [window({ storage: area }), window({ storage: area })];
    one.sound.muted = true;
    await tell(one, 1);
    await tell(other, 2);
    assert.deepEqual([...one.played, ...other.played], []);
    assert.equal(window({ storage: area }).sound.muted, true);
    other.sound.muted = false;
    await tell(one, 3);
    assert.deepEqual(one.played, ["mine"]);
  });

  it("is muted for this page where nothing can be kept", async () => {
    const one = window({ storage: null });
    one.sound.muted = true;
    await tell(one, 1);
    assert.deepEqual(one.played, []);
  });
});
