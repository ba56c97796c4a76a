import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { openStore, Outbox, uuid4 } from "../../../static/js/connection/outbox.js";
import { inherit } from "../../../static/js/visitor/inheritance.js";
import { Clock, Storage } from "../helpers.mjs";

describe("an outbox", () => {
  let area, clock, handed, up, changes, number;

  beforeEach(() => {
    area = new Storage();
    clock = new Clock();
    handed = [];
    up = true;
    changes = [];
    number = 0;
  });

  const open = (prefix = "outbox:") =>
    new Outbox({
      store: openStore(area),
      prefix,
      clock,
      newId: () => `id-${(number += 1)}`,
      transport: (item) => up && handed.push(item.client_id) > 0,
      onChange: (item) => changes.push([item.client_id, item.state, item.code]),
    });

  // With "a" on its way, as id-1.
  const begun = () => {
    const outbox = open();
    outbox.add({ content: "a" });
    outbox.flush();
    return outbox;
  };

  it("sends what was written, once, in order", () => {
    const outbox = open();
    outbox.add({ content: "a" });
    outbox.add({ content: "b" });
    outbox.flush();
    outbox.flush();
    assert.deepEqual(handed, ["id-1", "id-2"]);
  });

  it("keeps what was written offline across a reload, in order and under the same number", () => {
    up = false;
    const before = open();
    before.add({ content: "a" });
    before.add({ content: "b" });
    before.flush();
    up = true;
    const after = open();
    assert.deepEqual(after.load().map((item) => item.content), ["a", "b"]);
    after.reconnected();
    assert.deepEqual(handed, ["id-1", "id-2"]);
  });

  it("waits for what it has to prove, and goes at once with it", async () => {
    const outbox = begun();
    outbox.refused("id-1", "challenge", { retry_after: 60 });
    assert.deepEqual(changes.at(-1), ["id-1", "sending", "challenge"]);
    outbox.add({ content: "b" });
    outbox.flush();
    await clock.pass(59_000);
    assert.deepEqual(handed, ["id-1"]);
    outbox.release("id-1", { proof: "x" });
    assert.deepEqual(handed, ["id-1", "id-1", "id-2"]);
    assert.equal(open().load()[0].proof, "x");
    outbox.refused("id-1", "challenge", { retry_after: 60 });
    await clock.pass(61_000);
    assert.equal(handed.filter((id) => id === "id-1").length, 3, "also where nothing was proved");
  });

  it("tells of all that waits why the first of it does", () => {
    const outbox = open();
    const [first, second] = [outbox.add({ content: "a" }), outbox.add({ content: "b" })];
    up = false;
    outbox.refused("id-1", "offline");
    assert.deepEqual(changes.map(([id]) => id), ["id-1", "id-2"]);
    assert.deepEqual([first, second, outbox.add({ content: "c" })].map((item) => outbox.shown(item).code), ["offline", "offline", "offline"]);
    assert.equal(second.code, null, "its own refusal it is not");
    outbox.refused("id-2", "too_long");
    assert.equal(outbox.shown(second).code, "too_long");
    outbox.accepted("id-1");
    assert.equal(outbox.shown(outbox.items.get("id-3")).code, null);
  });

  it("forgets what is stored, and a second answer finds nothing", () => {
    const outbox = begun();
    assert.equal(outbox.accepted("id-1").content, "a");
    assert.equal(outbox.accepted("id-1"), undefined);
    outbox.reconnected();
    assert.deepEqual(handed, ["id-1"]);
    assert.deepEqual(open().load(), []);
  });

  it("sends again after a new connection what was not answered", () => {
    const outbox = begun();
    outbox.reconnected();
    assert.deepEqual(handed, ["id-1", "id-1"]);
  });

  it("sends again by itself what is not answered in ten seconds", async () => {
    const outbox = begun();
    await clock.pass(10_000);
    assert.deepEqual(handed, ["id-1", "id-1"]);
  });

  it("waits as long as it is told, and holds back what comes after", async () => {
    const outbox = begun();
    outbox.refused("id-1", "rate_limited", { retry_after: 7 });
    outbox.add({ content: "b" });
    outbox.flush();
    await clock.pass(6_900);
    assert.deepEqual(handed, ["id-1"]);
    await clock.pass(200);
    assert.deepEqual(handed, ["id-1", "id-1"]);
    outbox.accepted("id-1");
    assert.deepEqual(handed, ["id-1", "id-1", "id-2"]);
  });

  it("lets nothing of a conversation overtake what was refused in passing", async () => {
    const outbox = open();
    for (const [content, group] of [["a", "g"], ["b", "g"], ["c", "g"], ["d", "other"]]) outbox.add({ content, group });
    outbox.flush();
    for (const id of ["id-1", "id-2", "id-4"]) outbox.refused(id, "unavailable");
    outbox.accepted("id-3");
    outbox.add({ content: "e", group: "g" });
    handed.length = 0;
    await clock.pass(4_000);
    assert.deepEqual(handed, ["id-1", "id-4"]);
    outbox.refused("id-1", "unavailable");
    await clock.pass(2_000);
    assert.deepEqual(handed, ["id-1", "id-4", "id-1"]);
    outbox.accepted("id-1");
    assert.deepEqual(handed.slice(3), ["id-2"]);
    outbox.accepted("id-2");
    assert.deepEqual(handed.slice(3), ["id-2", "id-5"]);
  });

  it("refuses by itself a text that is too long, and hands it over to nobody", () => {
    const outbox = open();
    const item = outbox.add({ content: "🙂".repeat(10_001) });
    outbox.add({ content: "🙂".repeat(10_000) });
    outbox.reconnected();
    assert.deepEqual([item.state, item.code], ["failed", "too_long"]);
    assert.deepEqual(handed, ["id-2"]);
  });

  it("mends half a character", () => {
    assert.equal(open().add({ content: "a\ud83d b\ude42 🙂" }).content, "a\ufffd b\ufffd 🙂");
  });

  it("takes an unreadable frame to be the only message on its way", () => {
    const outbox = begun();
    outbox.unreadable();
    outbox.unreadable();
    assert.deepEqual(changes, [["id-1", "failed", "bad_frame"]]);
    outbox.reconnected();
    assert.deepEqual(handed, ["id-1"]);
  });

  it("finds the unreadable one of several by sending each alone", () => {
    const outbox = open();
    for (const content of ["a", "b", "c"]) outbox.add({ content });
    outbox.flush();
    handed.length = 0;
    outbox.unreadable();
    outbox.accepted("id-1");
    assert.deepEqual(handed, ["id-1", "id-2"]);
    outbox.unreadable();
    assert.deepEqual(handed, ["id-1", "id-2", "id-3"]);
    assert.equal(outbox.items.get("id-2").state, "failed");
  });

  it("numbers its messages where the browser's own randomUUID is not to be had", () => {
    const insecure = { getRandomValues: (bytes) => bytes.fill(0xff) };
    assert.equal(uuid4(insecure), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert.match(uuid4(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("tries again under the same number while the server cannot store", async () => {
    const outbox = begun();
    outbox.refused("id-1", "unavailable");
    await clock.pass(1000);
    outbox.refused("id-1", "unavailable");
    await clock.pass(1999);
    assert.equal(handed.length, 2);
    await clock.pass(1);
    assert.deepEqual(handed, ["id-1", "id-1", "id-1"]);
    assert.equal(outbox.items.get("id-1").state, "sending");
  });

  it("tries again where the clock was set back meanwhile", async () => {
    const outbox = begun();
    outbox.refused("id-1", "unavailable");
    clock.Date.now = () => clock.now - 20;
    await clock.pass(1020);
    assert.deepEqual(handed, ["id-1", "id-1"]);
  });

  for (const code of ["conflict", "too_long", "not_found", "stale", "closed_out", "forbidden", "bad_field"]) {
    it(`shows ${code} to the sender and does not try again by itself`, async () => {
      const outbox = begun();
      outbox.refused("id-1", code);
      await clock.pass(60_000);
      outbox.reconnected();
      assert.deepEqual(handed, ["id-1"]);
      assert.deepEqual(changes, [["id-1", "failed", code]]);
      assert.equal(open().load()[0].state, "failed");
    });
  }

  it("insists under the same number with what was seen by now", () => {
    const outbox = open();
    outbox.add({ content: "a", seen: 3 });
    outbox.flush();
    outbox.refused("id-1", "stale");
    outbox.retry("id-1", { seen: 5 });
    assert.deepEqual(handed, ["id-1", "id-1"]);
    assert.equal(outbox.items.get("id-1").seen, 5);
  });

  it("lets one failed message hold up no other", () => {
    const outbox = begun();
    outbox.refused("id-1", "too_long");
    outbox.add({ content: "b" });
    outbox.flush();
    assert.deepEqual(handed, ["id-1", "id-2"]);
  });

  it("overwrites nothing that another window keeps", () => {
    up = false;
    const one = open();
    const other = open();
    one.add({ content: "a" });
    other.add({ content: "b" });
    one.add({ content: "c" });
    assert.deepEqual(open().load().map((item) => item.content).sort(), ["a", "b", "c"]);
  });

  it("keeps to its own identity", () => {
    open("outbox:one:").add({ content: "a" });
    assert.deepEqual(open("outbox:other:").load(), []);
  });

  it("works without any storage", () => {
    area = null;
    const outbox = open();
    outbox.load();
    outbox.add({ content: "a" });
    outbox.flush();
    assert.deepEqual(handed, ["id-1"]);
  });
});

describe("what a visitor leaves", () => {
  const store = openStore(new Storage());
  store.set("kefu:acme:sales:old:outbox:1", { client_id: "1", content: "refused", state: "failed", code: "not_found", reply_to: { seq: 4 } });
  store.set("kefu:acme:sales:old:outbox:2", { client_id: "2", content: "too long", state: "failed", code: "too_long" });
  store.set("kefu:acme:sales:old:draft", { text: "half a", extra: { reply_to: { seq: 4 } } });
  store.set("kefu:acme:sales:new:draft", { text: "my own" });
  store.set("kefu:acme:other:old:draft", { text: "for others" });

  it("goes to whom they are now, and nowhere else, once", () => {
    for (const _time of ["once", "again"]) {
      inherit(store, "kefu:acme:sales:old", "kefu:acme:sales:new");
      assert.deepEqual(store.keys("kefu:acme:sales:old"), []);
      assert.deepEqual(store.get("kefu:acme:sales:new:outbox:1"), { client_id: "1", content: "refused", state: "sending", code: null });
      assert.equal(store.get("kefu:acme:sales:new:outbox:2").code, "too_long");
      assert.deepEqual(store.get("kefu:acme:sales:new:draft"), { text: "my own\nhalf a" });
      assert.deepEqual(store.get("kefu:acme:other:old:draft"), { text: "for others" });
    }
  });

  it("is not there twice where another window took it over and this one kept it again", () => {
    const drafts = openStore(new Storage());
    const left = (text) => {
      drafts.set("old:draft", { text });
      inherit(drafts, "old", "new");
      return drafts.get("new:draft").text;
    };
    assert.equal(left("half a"), "half a");
    assert.equal(left("half a"), "half a");
    assert.equal(left("half a sentence"), "half a sentence");
    assert.equal(left("half a"), "half a sentence");
  });

  it("is not lost where the storage is full", () => {
    const area = new Storage();
    const full = openStore(area);
    full.set("old:outbox:1", { content: "unsent" });
    full.set("old:draft", { text: "half a" });
    area.setItem = (key, value) => {
      if (area.length === 2 && !area.data.has(key)) throw new Error("QuotaExceededError");
      area.data.set(key, value);
    };
    inherit(full, "old", "new");
    assert.deepEqual([...area.data.keys()], ["new:outbox:1", "new:draft"]);
  });
});
