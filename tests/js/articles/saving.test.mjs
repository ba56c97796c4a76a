import assert from "node:assert/strict";
import { test } from "node:test";

import { Saving } from "../../../static/js/articles/saving.js";
import { openStore } from "../../../static/js/connection/outbox.js";
import { headed } from "../../../static/js/articles/tools.js";

const FIRST = { title: "Tea", slug: "tea", body: "", category: "", audience: "public" };

function bench({ storage = new Map(), ...options } = {}) {
  const seen = { told: [], refused: [], sent: [], timers: [] };
  const now = { ...FIRST };
  const saving = new Saving({
    read: () => ({ ...now }),
    version: () => 3,
    ready: () => true,
    store: async (fields) => {
      seen.sent.push(fields);
      return fields;
    },
    stored: () => {},
    refused: ({ code }) => seen.refused.push(code),
    tell: (state) => seen.told.push(state),
    keys: ["own", "new"],
    clock: { setTimeout: (step, pause) => seen.timers.push([step, pause]), clearTimeout: () => {} },
    storage: openStore({
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => storage.set(key, value),
      removeItem: (key) => storage.delete(key),
    }),
    ...options,
  });
  const write = (body) => {
    now.body = body;
    saving.changed();
  };
  return { saving, seen, now, storage, write };
}

test("what is written is kept here at once, and stored after a pause", async () => {
  const { saving, seen, storage, write } = bench();
  write("Boil");
  const { fields, version } = JSON.parse(storage.get("own"));
  assert.deepEqual([fields.body, version], ["Boil", 3]);
  assert.equal(seen.timers.at(-1)[1], 2000);
  await saving.now();
  assert.equal(seen.sent[0].body, "Boil");
  assert.equal(storage.size, 0);
  assert.equal(saving.isChanged(), false);
});

test("what is written while a save is under way is saved after it", async () => {
  const { saving, seen, storage, write } = bench();
  write("one");
  const first = saving.now();
  write("two");
  assert.equal(saving.now(), first, "one request at a time");
  await first;
  assert.equal(JSON.parse(storage.get("own")).fields.body, "two");
  assert.equal(saving.isChanged(), true);
  await saving.now();
  assert.deepEqual(seen.sent.map(({ body }) => body), ["one", "two"]);
});

test("after the end of a session it is tried again, and after a colleague's save it is not", async () => {
  let code = "unauthorised";
  const fail = () => Promise.reject(Object.assign(new Error(code), { code }));
  const { saving, seen, storage, write } = bench({ store: fail });
  write("Boil");
  await saving.now();
  assert.equal(seen.timers.at(-1)[1], 10_000);
  code = "stale";
  await saving.now();
  assert.deepEqual(seen.refused, ["unauthorised", "stale"]);
  assert.equal(saving.now(), null);
  assert.equal(JSON.parse(storage.get("own")).fields.body, "Boil");
  const gone = bench({ store: () => Promise.reject(Object.assign(new Error(), { code: "not_found" })) });
  gone.write("Boil");
  await gone.saving.now();
  assert.equal(gone.saving.now(), null, "nor of one that is gone");
});

test("the next page offers what was not stored, and not what was", () => {
  const keep = (body) => JSON.stringify({ fields: { ...FIRST, body }, at: 1 });
  const storage = new Map([["own", keep("lost")], ["new", keep(" ")]]);
  assert.equal(bench({ storage }).saving.kept().fields.body, "lost");
  assert.deepEqual([...storage.keys()], ["own"]);
});

test("a line becomes a heading, a smaller one, and none", () => {
  const words = ["Tea", "## Tea", "### Tea"].map((line) => headed(`x\n${line}\ny`, 3).words);
  assert.deepEqual(words, ["## Tea", "### Tea", "Tea"]);
});
