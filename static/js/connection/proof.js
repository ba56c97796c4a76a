// A small computation that the server asks for when many new visitors come from one address: find a
// number with which the text hashes to this many leading zero bits. It is pure JavaScript, since
// crypto.subtle needs HTTPS, and runs in slices, so that the page stays responsive.

const SLICE = 12;
const TURN = 200;

/**
 * @param {{salt: string, bits: number}} challenge From the server.
 * @param {{clock?: {now(): number}, pause?: () => Promise<void>}} [options] For tests.
 * @returns {Promise<string>} The proof.
 */
export async function solve({ salt, bits }, { clock = performance, pause = breathe } = {}) {
  for (let number = 0, until = clock.now() + SLICE; ; number += TURN) {
    for (let at = number; at < number + TURN; at += 1) {
      const proof = `${salt}.${at}`;
      if (sha256(proof)[0] >>> (32 - bits) === 0) return proof;
    }
    if (clock.now() < until) continue;
    await pause();
    until = clock.now() + SLICE;
  }
}

/**
 * Unlike a timer it continues at once, also in a hidden window.
 * @returns {Promise<void>}
 */
function breathe() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), done());
    port2.postMessage(0);
  });
}

const K = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const W = new Int32Array(64);

function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

function fraction(root) {
  return ((root % 1) * 2 ** 32) | 0;
}

// The eight words of an ASCII text's hash (FIPS 180-4).
export function sha256(text) {
  const { length } = text;
  const blocks = (length + 72) >> 6;
  const state = START.slice();
  for (let block = 0; block < blocks; block += 1) {
    W.fill(0, 0, 16);
    for (let at = block * 64; at < block * 64 + 64 && at <= length; at += 1) {
      W[(at & 63) >> 2] |= (at < length ? text.charCodeAt(at) : 0x80) << (24 - 8 * (at & 3));
    }
    if (block === blocks - 1) W[15] = length * 8;
    compress(state);
  }
  return state;
}

function compress(state) {
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = W[i - 16] + s0 + W[i - 7] + s1;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    // One by one: as lists, here and below, they cost five times as much.
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
