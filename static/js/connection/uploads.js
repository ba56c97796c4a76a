// Uploads files one after the other in the order they were chosen, each under its client_id until
// it is stored. They are in this page's memory only: the browser's storage has no room for them.

import { prover } from "./delivery.js";
import { LONGEST_WAIT, PASSING, uuid4 } from "./outbox.js";

/**
 * @import { Clock, Item } from "./outbox.js"
 */

/**
 * @typedef {object} Upload
 * @property {File} file
 * @property {HTMLCanvasElement | null} canvas The preview of a picture.
 * @property {string} url
 * @property {Record<string, any>} fields
 * @property {number} progress From 0 to 1.
 * @property {boolean} [stored] A push said so.
 */

/** @typedef {Item & Upload} UploadItem */

export class Uploads {
  /**
   * @param {object} options
   * @param {(item: UploadItem, onProgress: (part: number) => void) => {answer: Promise<any>, abort: () => void}} options.request
   * @param {(item: UploadItem) => void} options.onChange Its state, code or progress changed.
   * @param {(item: UploadItem, answer: any) => void} options.onStored
   * @param {Clock} [options.clock]
   * @param {() => string} [options.newId]
   */
  constructor({ request, onChange, onStored, clock = globalThis, newId = uuid4 }) {
    this.request = request;
    this.onChange = onChange;
    this.onStored = onStored;
    this.clock = clock;
    this.newId = newId;
    /** @type {Map<string, UploadItem>} */
    this.items = new Map();
    /** @type {{item: UploadItem, abort: () => void} | null} */
    this.current = null;
    this.failures = 0;
    /** @type {number | null} */
    this.timer = null;
    this.prove = prover((id, proof) => this.proved(id, proof), clock.Date);
  }

  itemsOf(group) {
    return [...this.items.values()].filter((item) => item.group === group);
  }

  /** @param {any} fields Of an UploadItem: all that is known when a file is chosen. */
  add(fields) {
    /** @type {UploadItem} */
    const item = { ...fields, client_id: this.newId(), at: this.clock.Date.now(), state: "sending", code: null, progress: 0 };
    this.items.set(item.client_id, item);
    this.onChange(item);
    return item;
  }

  // Starts the next upload, unless one is running or waits.
  pump() {
    const item = [...this.items.values()].find(({ state }) => state === "sending");
    if (!item || this.current || this.timer) return;
    const { answer, abort } = this.request(item, (part) => {
      item.progress = part;
      this.onChange(item);
    });
    this.current = { item, abort };
    answer.then(
      (accepted) => this.finish(item, () => this.stored(item, accepted)),
      ({ code = "unavailable", facts = {} }) => this.finish(item, () => this.refused(item, code, facts)),
    );
  }

  finish(item, step) {
    this.current = null;
    if (this.items.has(item.client_id)) step();
    this.pump();
  }

  stored(item, answer) {
    this.failures = 0;
    this.items.delete(item.client_id);
    this.onStored(item, answer);
  }

  /**
   * @param {UploadItem} item
   * @param {string} code
   * @param {Record<string, any>} facts
   */
  refused(item, code, { retry_after: seconds, limit, challenge }) {
    // A push said that it is stored; only the answer was lost.
    if (item.stored) {
      this.items.delete(item.client_id);
      return;
    }
    item.progress = 0;
    item.code = code === "too_long" && limit ? "too_large" : code;
    if (PASSING.has(code)) {
      const backoff = Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures);
      this.failures += 1;
      const timed = seconds && (code === "rate_limited" || challenge);
      this.timer = this.clock.setTimeout(() => this.again(), timed ? seconds * 1000 : backoff);
      if (challenge) this.prove(item.client_id, challenge);
    } else item.state = "failed";
    this.onChange(item);
  }

  // The computation that lets a first message in is done (delivery.js).
  proved(clientId, proof) {
    const item = this.items.get(clientId);
    if (!item) return;
    item.proof = proof;
    this.again();
  }

  // Tries again: the line is back, or enough time has passed.
  again() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    this.pump();
  }

  accepted(clientId) {
    const item = this.items.get(clientId);
    if (!item) return;
    item.stored = true;
    if (this.current?.item !== item) this.items.delete(clientId);
  }

  retry(clientId, changes = {}) {
    const item = this.items.get(clientId);
    Object.assign(item, changes, { state: "sending", code: null });
    this.onChange(item);
    this.again();
  }

  cancel(clientId) {
    this.items.delete(clientId);
    if (this.current?.item.client_id === clientId) this.current.abort();
    this.again();
  }
}
