// Works with or without a socket: Delivery sends the outbox's items by the socket while it is open,
// otherwise by requests; Fallback polls while there has been no socket for some seconds.

import { postForm } from "./http.js";

const PATIENCE = 5000;
const EVERY = 5000;

export class Fallback {
  // poll(): one round of fetching and sending; returns a promise. onActive(boolean): whether
  // polling works.
  constructor({ poll, onActive = () => {}, clock = globalThis }) {
    Object.assign(this, { poll, onActive, clock, active: false, timer: null });
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
  // frame(item): the item as a frame. url(item), fields(item): the item as a request.
  // onAccepted(answer), onRefused(client_id, code, facts): the outcome.
  constructor({ connection, fallback, frame, url, fields, onAccepted, onRefused }) {
    Object.assign(this, { connection, fallback, frame, url, fields, onAccepted, onRefused, busy: false });
  }

  // The outbox's transport: returns whether the item was sent.
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

// The references of a message and what it carries, named as in the frame and the form.
export function points({ reply_to: quote, mentions, question, proof }) {
  return { ...(quote && { reply_to: quote.seq }), ...(mentions?.length && { mentions }), ...(question && { question }), ...(proof && { proof }) };
}

const AGAIN = 30_000;

// When many visitors come from one address, a small computation lets a first message in.
// onProof(client_id, proof). A proof is computed at most every AGAIN milliseconds, since waiting
// items are sent again by themselves. Later ones are computed anew, since a proof expires and holds
// for one address only.
export function prover(onProof, clock = performance) {
  let proved = -Infinity;
  return async (id, challenge) => {
    if (clock.now() - proved < AGAIN) return;
    proved = clock.now();
    const { solve } = await import("./proof.js").catch(() => ({}));
    if (solve) onProof(id, await solve(challenge));
  };
}
