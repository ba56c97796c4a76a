// The outbox: what was sent and is not yet known to be stored. It survives restarts in the browser's
// storage, is sent in order, and keeps its client_id, so that it is stored once however often it is
// sent. Each message has its own key: two windows cannot overwrite each other.

const ACK = 10_000;
export const LONGEST_WAIT = 15_000;
// Refusals that end by waiting; all others are shown to the author.
export const PASSING = new Set(["rate_limited", "challenge", "unavailable", "offline", "unauthorised"]);
// Refusals for which the server says how long to wait.
const TIMED = new Set(["rate_limited", "challenge"]);

/**
 * @typedef {Pick<typeof globalThis, "setTimeout" | "clearTimeout" | "Date">} Clock
 * @typedef {ReturnType<typeof openStore>} Store
 */

/**
 * What waits until it is stored: a text, or a file of Uploads.
 * @typedef {object} Item
 * @property {string} client_id
 * @property {string} group
 * @property {string} content
 * @property {number} at When it was written, in milliseconds.
 * @property {string} state "sending" or "failed"
 * @property {string | null} code Why it waits or has failed.
 * @property {boolean} [note]
 * @property {string} [name] Of agents: to whom it is written.
 * @property {number} [seen] Of agents: the seq of the last message that its author knew of.
 * @property {{member: string, name: string}[]} [calls] Of agents: whom it mentions, with their names.
 * @property {object} [introduction] Of a visitor's first message.
 * @property {Record<string, any> | null} [reply_to] The message that it answers.
 * @property {string[]} [mentions]
 * @property {string} [question] The quick question that it chooses.
 * @property {string} [proof] What lets a first message in (proof.js).
 */

export class Outbox {
  /**
   * @param {object} options
   * @param {Store} options.store
   * @param {string} options.prefix Of the keys in the store.
   * @param {(item: Item) => boolean} options.transport Returns whether the item was sent; then
   *   accepted() or refused() is called later.
   * @param {(item: Item) => void} [options.onChange] Its state or code changed.
   * @param {Clock} [options.clock]
   * @param {() => string} [options.newId]
   */
  constructor({ store, prefix, transport, onChange = () => {}, clock = globalThis, newId = uuid4 }) {
    this.store = store;
    this.prefix = prefix;
    this.transport = transport;
    this.onChange = onChange;
    this.clock = clock;
    this.newId = newId;
    /** @type {Map<string, Item>} */
    this.items = new Map();
    /** @type {Map<string, number>} When each was sent. */
    this.inFlight = new Map();
    this.pausedUntil = 0;
    this.failures = 0;
    this.alone = false;
    /** @type {number | null} */
    this.timer = null;
  }

  /**
   * Loads what an earlier page left.
   * @returns {Item[]} All items in the order they were written.
   */
  load() {
    const items = this.store.keys(this.prefix).map((key) => this.store.get(key));
    for (const item of items.filter((found) => found?.client_id).sort((a, b) => a.at - b.at)) {
      this.items.set(item.client_id, item);
    }
    return [...this.items.values()];
  }

  itemsOf(group) {
    return [...this.items.values()].filter((item) => item.group === group);
  }

  /**
   * Adds a text. One that the server could only refuse as an unreadable frame is never sent.
   * @param {{group: string, content: string} & Partial<Item>} fields
   */
  add(fields) {
    const latest = Math.max(0, ...[...this.items.values()].map((item) => item.at));
    const content = wellFormed(fields.content);
    /** @type {Item} */
    const item = { ...fields, content, client_id: this.newId(), at: Math.max(this.clock.Date.now(), latest + 1), state: "sending", code: null };
    if (tooLong(content)) Object.assign(item, { state: "failed", code: "too_long" });
    this.items.set(item.client_id, item);
    this.keep(item);
    return item;
  }

  flush() {
    // The timer that came here is gone, and the clock may have been set back since it was started.
    const wait = this.pausedUntil - this.clock.Date.now();
    if (wait > 0) return this.schedule(Math.min(wait, ACK));
    const blocked = new Set();
    for (const item of this.items.values()) {
      if (item.state !== "sending" || blocked.has(item.group)) continue;
      // After a temporary refusal later texts wait, so that they are not stored first.
      if (item.code) blocked.add(item.group);
      if (this.inFlight.has(item.client_id)) continue;
      if (this.alone && this.inFlight.size) break;
      if (!this.transport(item)) return;
      this.inFlight.set(item.client_id, this.clock.Date.now());
    }
    if (this.inFlight.size) this.schedule(ACK);
  }

  // A new connection: whatever was sent may be lost, so all is sent again.
  reconnected() {
    this.inFlight.clear();
    this.pausedUntil = 0;
    this.flush();
  }

  // Sends again what had no answer in time, rather than wait until the connection is found dead.
  schedule(delay) {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => {
      const now = this.clock.Date.now();
      for (const [id, at] of this.inFlight) if (now - at >= ACK) this.inFlight.delete(id);
      this.flush();
    }, delay);
  }

  /**
   * The item is stored, as the answer or the pushed message says.
   * @param {string} clientId
   * @returns {Item | undefined} The item the first time.
   */
  accepted(clientId) {
    const item = this.items.get(clientId);
    this.failures = 0;
    this.forget(clientId);
    if (item) this.flush();
    return item;
  }

  /**
   * @param {string} clientId
   * @param {string} code
   * @param {{retry_after?: number}} [facts]
   */
  refused(clientId, code, { retry_after: seconds } = {}) {
    const item = this.items.get(clientId);
    if (!item) return null;
    this.inFlight.delete(clientId);
    item.code = code;
    if (PASSING.has(code)) {
      const backoff = Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures);
      const delay = TIMED.has(code) && seconds ? seconds * 1000 : backoff;
      this.failures += 1;
      this.pausedUntil = Math.max(this.pausedUntil, this.clock.Date.now() + delay);
      this.schedule(this.pausedUntil - this.clock.Date.now());
    } else {
      item.state = "failed";
    }
    this.keep(item);
    for (const each of PASSING.has(code) ? this.items.values() : [item]) this.onChange(each);
    this.flush();
    return item;
  }

  // The item as it is shown: what waits behind a temporarily refused one has the same reason to
  // wait.
  shown(item) {
    const first = [...this.items.values()].find(({ state, code }) => state === "sending" && code);
    return first && item.state === "sending" && !item.code ? { ...item, code: first.code } : item;
  }

  // The server could not read a frame and cannot say which. If one message is on its way, it is
  // taken to be that one; of several each is sent again, one at a time, until it is found.
  unreadable() {
    const [first, ...others] = this.inFlight.keys();
    if (first === undefined) return;
    this.alone = others.length > 0;
    if (this.alone) {
      this.inFlight.clear();
      this.flush();
    } else this.refused(first, "bad_frame");
  }

  // The author sends it again. changes: such as a new `seen`, in spite of a newer message.
  retry(clientId, changes = {}) {
    const item = this.items.get(clientId);
    if (!item) return;
    Object.assign(item, changes, { state: "sending", code: null });
    this.inFlight.delete(clientId);
    this.keep(item);
    this.onChange(item);
    this.flush();
  }

  // What the item waited for has arrived.
  release(clientId, changes) {
    this.pausedUntil = 0;
    this.retry(clientId, changes);
    this.flush();
  }

  forget(clientId) {
    this.items.delete(clientId);
    this.inFlight.delete(clientId);
    this.store.remove(this.prefix + clientId);
  }

  keep(item) {
    this.store.set(this.prefix + item.client_id, item);
  }
}

// crypto.randomUUID exists in secure contexts only, not over plain HTTP on a local network.
export function uuid4(source = crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// The longest message text, as in docs/protocol.md.
export const LONGEST = 10_000;
// With the flag `u` a surrogate pair is one character, so this finds only lone ones.
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

// A lone surrogate, as a cut paste leaves it, is no valid UTF-8: the server could not read its
// frame.
export function wellFormed(content) {
  return content.toWellFormed?.() ?? content.replace(LONE_SURROGATES, "\ufffd");
}

// Counted in code points, as the server does.
function tooLong(content) {
  return content.length > LONGEST && [...content].length > LONGEST;
}

// localStorage that never throws: private windows and third-party frames may refuse it.

export function openStore(area = reach(() => globalThis.localStorage)) {
  return {
    get: (key) => reach(() => JSON.parse(area.getItem(key))) ?? null,
    set: (key, value) => reach(() => area.setItem(key, JSON.stringify(value))),
    remove: (key) => reach(() => area.removeItem(key)),
    keys: (prefix) =>
      reach(() => Array.from({ length: area.length }, (_, at) => area.key(at)).filter((key) => key?.startsWith(prefix))) ?? [],
  };
}

// The same for this tab only.
export const openTab = () => openStore(reach(() => globalThis.sessionStorage));

function reach(step) {
  try {
    return step();
  } catch {
    return null;
  }
}
