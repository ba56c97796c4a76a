// Delivery sends the outbox's items by the socket while it is open, otherwise by requests; Fallback
// polls while there has been no socket for some seconds.

import { postForm } from "./http.js";

/**
 * @import { Connection } from "./socket.js"
 * @import { Clock, Item } from "./outbox.js"
 */

const PATIENCE = 5000;
const EVERY = 5000;

export class Fallback {
  /**
   * @param {object} options
   * @param {() => Promise<any>} options.poll One round of fetching and sending.
   * @param {(works: boolean) => void} [options.onActive] Whether polling works.
   * @param {Clock} [options.clock]
   */
  constructor({ poll, onActive = () => {}, clock = globalThis }) {
    this.poll = poll;
    this.onActive = onActive;
    this.clock = clock;
    this.active = false;
    /** @type {number | null} */
    this.timer = null;
  }

  // The connection's state changed.
  connection(state) {
    if (state === "open" || state === "stopped") this.stop();
    else this.timer ??= this.clock.setTimeout(() => this.round(), PATIENCE);
  }

  async round() {
    this.active = true;
    const turn = this.timer;
    const works = await this.poll().then(() => true, () => false);
    // Stopped during the round, and maybe started again.
    if (this.timer !== turn) return;
    this.onActive(works);
    this.timer = this.clock.setTimeout(() => this.round(), EVERY);
  }

  stop() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    if (this.active) this.onActive(false);
    this.active = false;
  }
}

// Sends one item after the other where it uses requests, so that they are stored in order.
export class Delivery {
  /**
   * @param {object} options
   * @param {Connection} options.connection
   * @param {Fallback} options.fallback
   * @param {(item: Item) => object} options.frame The item as a frame.
   * @param {(item: Item) => string} options.url Where it is posted as a request,
   * @param {(item: Item) => Record<string, any>} options.fields with these fields.
   * @param {(answer: any) => void} options.onAccepted
   * @param {(clientId: string, code: string, facts: Record<string, any>) => void} options.onRefused
   */
  constructor({ connection, fallback, frame, url, fields, onAccepted, onRefused }) {
    this.connection = connection;
    this.fallback = fallback;
    this.frame = frame;
    this.url = url;
    this.fields = fields;
    this.onAccepted = onAccepted;
    this.onRefused = onRefused;
    this.busy = false;
  }

  /**
   * The outbox's transport.
   * @param {Item} item
   * @returns {boolean} Whether the item was sent.
   */
  send(item) {
    if (this.connection.send(this.frame(item))) return true;
    if (!this.fallback.active || this.busy) return false;
    this.post(item);
    return true;
  }

  async post(item) {
    this.busy = true;
    try {
      const answer = await postForm(this.url(item), this.fields(item));
      this.busy = false;
      this.onAccepted(answer);
    } catch (failure) {
      this.busy = false;
      this.onRefused(item.client_id, failure.code ?? "unavailable", failure.facts ?? {});
    }
  }
}

/**
 * The references of a message and what it carries, named as in the frame and the form.
 * @param {Pick<Item, "reply_to" | "mentions" | "question" | "proof">} item
 */
export function points({ reply_to: quote, mentions, question, proof }) {
  return { ...(quote && { reply_to: quote.seq }), ...(mentions?.length && { mentions }), ...(question && { question }), ...(proof && { proof }) };
}

const AGAIN = 30_000;

/**
 * When many visitors come from one address, a small computation lets a first message in. A proof is
 * computed at most every AGAIN milliseconds, since waiting items are sent again by themselves. Later
 * ones are computed anew, since a proof expires and holds for one address only.
 * @param {(clientId: string, proof: string) => void} onProof
 * @param {{now(): number}} [clock]
 */
export function prover(onProof, clock = performance) {
  let proved = -Infinity;
  return async (id, challenge) => {
    if (clock.now() - proved < AGAIN) return;
    proved = clock.now();
    const module = await import("./proof.js").catch(() => null);
    if (module) onProof(id, await module.solve(challenge));
  };
}
