// Files on their way: one after the other, tried again, given up, stopped; and their size on the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { box, sizeText } from "../../../static/js/thread/attachment.js";
import { problemOf } from "../../../static/js/composer/tray.js";
import { Uploads } from "../../../static/js/connection/uploads.js";
import { Clock, settled } from "../helpers.mjs";

// With so many files on their way.
function start(count = 0) {
  const clock = new Clock();
  const asked = [];
  const shown = [];
  const stored = [];
  let next = 0;
  const uploads = new Uploads({
    clock,
    newId: () => `id-${++next}`,
    request(item, onProgress) {
      const one = { id: item.client_id, onProgress };
      one.answer = new Promise((done, fail) => Object.assign(one, { done, fail }));
      one.abort = () => one.fail({ code: "offline" });
      asked.push(one);
      return one;
    },
    onChange: ({ client_id: id, state, code, progress }) => shown.push([id, state, code, progress]),
    onStored: ({ client_id: id }, answer) => stored.push([id, answer]),
  });
  for (let n = 0; n < count; n += 1) uploads.add({ group: "g" });
  uploads.pump();
  return { clock, asked, shown, stored, uploads, ids: () => asked.map(({ id }) => id) };
}

test("files go out one after the other, in order", async () => {
  const { asked, stored, uploads, ids } = start();
  for (const name of ["a", "b"]) uploads.add({ group: "g", name });
  uploads.pump();
  uploads.pump();
  assert.deepEqual(ids(), ["id-1"]);
  asked[0].onProgress(0.5);
  assert.equal(uploads.items.get("id-1").progress, 0.5);
  asked[0].done({ seq: 3 });
  await settled();
  assert.deepEqual(ids(), ["id-1", "id-2"]);
  asked[1].done({ seq: 4 });
  await settled();
  assert.deepEqual(stored, [["id-1", { seq: 3 }], ["id-2", { seq: 4 }]]);
  assert.equal(uploads.items.size, 0);
});

test("what waiting mends is tried again under the same number, and nothing overtakes it", async () => {
  const { clock, asked, uploads, ids } = start(2);
  for (const [code, wait] of [["offline", 1000], ["unavailable", 2000], ["rate_limited", 7000]]) {
    asked.at(-1).fail({ code, facts: { retry_after: 7 } });
    await settled();
    assert.equal(uploads.items.get("id-1").code, code);
    const before = asked.length;
    await clock.pass(wait - 1);
    assert.equal(asked.length, before);
    await clock.pass(1);
    assert.equal(asked.length, before + 1);
  }
  assert.deepEqual(new Set(ids()), new Set(["id-1"]));
});

test("a line that is back ends the wait", async () => {
  const { asked, uploads } = start(1);
  asked[0].fail({ code: "offline" });
  await settled();
  uploads.again();
  assert.equal(asked.length, 2);
});

test("what is refused stays to be seen, and the next one goes out", async () => {
  const { asked, uploads, ids } = start(2);
  asked[0].fail({ code: "too_long", facts: { limit: 10 } });
  await settled();
  const { state, code } = uploads.items.get("id-1");
  assert.deepEqual([state, code], ["failed", "too_large"]);
  assert.deepEqual(ids(), ["id-1", "id-2"]);
  asked[1].done({ seq: 1 });
  await settled();
  uploads.retry("id-1", { fields: { seen: 1 } });
  assert.deepEqual(ids(), ["id-1", "id-2", "id-1"]);
});

test("one that is stopped is gone, and the next one goes out", async () => {
  const { asked, stored, uploads, ids } = start(2);
  uploads.cancel("id-1");
  await settled();
  assert.deepEqual(ids(), ["id-1", "id-2"]);
  uploads.cancel("id-2");
  await settled();
  assert.deepEqual([uploads.items.size, stored.length, asked.length], [0, 0, 2]);
});

test("one that a push tells of is not sent again when only its answer is lost", async () => {
  const { clock, asked, uploads } = start(1);
  uploads.accepted("id-1");
  asked[0].fail({ code: "offline" });
  await settled();
  await clock.pass(60_000);
  assert.deepEqual([uploads.items.size, asked.length], [0, 1]);
});

test("a picture's room in the thread is the server's reckoning", () => {
  const wanted = [
    [[60, 40], [60, 40]],
    [[480, 320], [240, 160]],
    [[320, 480], [160, 240]],
    [[100, 2000], [96, 240]],
    [[2000, 100], [240, 96]],
    [[4, 4000], [4, 10]],
    [[1, 1], [1, 1]],
  ];
  for (const [size, shown] of wanted) assert.deepEqual(box(...size), shown);
});

test("what has to be proved first goes again with the proof, under the same number", async () => {
  const { asked, uploads, ids, shown } = start();
  const item = uploads.add({ group: null });
  uploads.pump();
  const challenge = { salt: "1764090000.aaaaaaaaaaaaaaaaaaaaaa", bits: 4 };
  asked[0].fail({ code: "challenge", facts: { challenge, retry_after: 60 } });
  while (ids().length < 2) await new Promise((done) => setTimeout(done));
  assert.deepEqual(ids(), ["id-1", "id-1"]);
  assert.ok(item.proof.startsWith(challenge.salt));
  assert.ok(shown.some(([, state, code]) => state === "sending" && code === "challenge"));
});

test("a proof that came too late is made anew, as often as the server asks, and not at once", async () => {
  const { clock, asked, uploads } = start();
  const item = uploads.add({ group: null });
  uploads.pump();
  const salts = ["a", "b", "c"].map((letter) => `1764090000.${letter.repeat(22)}`);
  const refuse = (salt) => asked.at(-1).fail({ code: "challenge", facts: { challenge: { salt, bits: 4 }, retry_after: 60 } });
  const sent = async (count) => {
    for (let turn = 0; asked.length < count && turn < 100_000; turn += 1) await new Promise((done) => setTimeout(done));
    assert.equal(asked.length, count);
  };
  refuse(salts[0]);
  await sent(2);
  assert.ok(item.proof.startsWith(salts[0]));
  // Refused at once, it waits like anything else that is refused: no computing without end.
  refuse(salts[1]);
  await settled();
  await clock.pass(59_999);
  assert.equal(asked.length, 2);
  await clock.pass(1);
  assert.equal(asked.length, 3);
  refuse(salts[2]);
  await sent(4);
  assert.ok(item.proof.startsWith(salts[2]), item.proof);
  asked.at(-1).done({ seq: 2 });
  await settled();
  assert.equal(uploads.items.size, 0);
});

test("a size is told as the server tells it", () => {
  const wanted = { 0: "0 B", 44: "44 B", 1023: "1023 B", 1024: "1 KB", 1280: "1.3 KB", 1_048_064: "1023.5 KB", 10_485_760: "10 MB", 1_500_000: "1.4 MB" };
  for (const [size, words] of Object.entries(wanted)) assert.equal(sizeText(Number(size)), words.replace(" ", "\u00a0"));
});

test("what can only be refused is refused before it is sent", () => {
  const problem = (name, size = 5, type = "") => problemOf({ name, size, type }, 10);
  assert.equal(problem("virus.exe", 5, "application/x-msdownload"), "attach_bad_kind");
  assert.equal(problem("page.HTML", 5, "text/html"), "attach_bad_kind");
  for (const name of ["a.PDF", "订单.xlsx", "photo", "a.b.txt"]) assert.equal(problem(name), null, name);
  assert.equal(problem("clip.bmpx", 5, "image/bmp"), null, "the server looks at pictures itself");
  assert.equal(problem("a.pdf", 11), "attach_too_large");
  assert.equal(problem("virus.exe", 0), "attach_empty");
});
