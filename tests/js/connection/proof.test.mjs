// The computation before a first message while an address floods: its hash, and that it lets go.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { sha256, solve } from "../../../static/js/connection/proof.js";

const hex = (words) => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
const known = (text) => createHash("sha256").update(text, "ascii").digest("hex");

test("the hash is that of FIPS 180-4", () => {
  assert.equal(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const longer = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  assert.equal(hex(sha256(longer)), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  for (let length = 0; length < 200; length += 1) {
    const text = String.fromCharCode(...Array.from({ length }, (_, at) => (at * 31 + length) % 128));
    assert.equal(hex(sha256(text)), known(text), `${length}`);
  }
});

test("a proof begins with the salt and hashes to so many zero bits", async () => {
  for (const bits of [1, 5, 12]) {
    const salt = `1764090000.${"a".repeat(22)}`;
    const proof = await solve({ salt, bits });
    assert.ok(proof.startsWith(`${salt}.`));
    assert.match(proof.slice(salt.length + 1), /^\d+$/);
    assert.equal(parseInt(known(proof).slice(0, 8), 16) >>> (32 - bits), 0);
  }
});

test("the page goes on living meanwhile", async () => {
  let [now, paused] = [0, 0];
  const clock = { now: () => (now += 5) };
  await solve({ salt: "1764090000.bbbbbbbbbbbbbbbbbbbbbb", bits: 14 }, { clock, pause: async () => (paused += 1) });
  assert.ok(paused > 3, `${paused}`);
});
