import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Layers } from "../../../static/js/agent/layers.js";
import { settled } from "../helpers.mjs";

// A browser's history: going back comes later, as it does there.
class History {
  constructor(popped) {
    Object.assign(this, { popped, at: 0, entries: [{ state: null, address: "/list" }] });
  }
  get state() {
    return this.entries[this.at].state;
  }
  get addresses() {
    return this.entries.slice(0, this.at + 1).map(({ address }) => address);
  }
  pushState(state, _title, address = this.entries[this.at].address) {
    this.at += 1;
    this.entries.splice(this.at, Infinity, { state, address });
  }
  replaceState(state, _title, address = this.entries[this.at].address) {
    this.entries[this.at] = { state, address };
  }
  go(entries) {
    setImmediate(() => {
      this.at += entries;
      this.popped();
    });
  }
}

describe("the pages of a phone", () => {
  let layers, closed, small;
  beforeEach(() => {
    [closed, small] = [[], true];
    globalThis.matchMedia = () => ({ matches: small });
    layers = new Layers();
    globalThis.history = new History(() => layers.popped());
    layers.enter(() => "/a", true);
  });
  const add = (name) => {
    const over = layers.add(() => {
      closed.push(name);
      over();
    });
    return over;
  };

  it("are left by the browser's way back, the upper one first", async () => {
    add("panel");
    add("sheet");
    for (const left of [["sheet"], ["sheet", "panel"]]) {
      history.go(-1);
      await settled();
      assert.deepEqual(closed, left);
    }
    assert.deepEqual(history.addresses, ["/list", "/a"]);
  });

  it("leave no entry when they are closed otherwise, even if another one opens at once", async () => {
    add("menu")();
    add("picker");
    await settled();
    await settled();
    assert.deepEqual([closed, history.addresses, history.state.layers], [[], ["/list", "/a", "/a"], 1]);
  });

  it("give their entry to the conversation that is opened from them, and the list is one way back", async () => {
    add("panel");
    layers.enter(() => "/b", false);
    assert.deepEqual([closed, history.addresses], [["panel"], ["/list", "/a", "/b"]]);
    layers.leave("/list?view=all");
    layers.enter(() => `${history.addresses.pop()}?tag=x`, false);
    await settled();
    await settled();
    assert.deepEqual(history.addresses, ["/list", "/list?tag=x"]);
  });

  it("give way to the list where a conversation was opened by its address", () => {
    globalThis.history = new History(() => {});
    layers.leave("/list");
    layers.enter(() => "/a", false);
    layers.leave("/list?view=mine");
    assert.deepEqual(history.addresses, ["/list", "/list?view=mine"]);
  });

  it("are one way back from the list even if the page was loaded again under a layer", async () => {
    add("panel");
    layers = new Layers();
    layers.begin();
    add("panel");
    layers.leave("/list");
    await settled();
    assert.deepEqual(history.addresses, ["/list"]);
  });

  it("are no pages where there is room and a mouse", () => {
    small = false;
    add("menu");
    assert.deepEqual(history.addresses, ["/list", "/a"]);
  });
});
