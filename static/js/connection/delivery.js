// Hands an outbox's items over: to the socket while it is open, else by plain requests once the
// fallback is at work, one after the other so that they are stored in order.

import { postForm } from "./http.js";

export class Delivery {
  // frame(item), url(item), fields(item): the item for either way. onAccepted(answer),
  // onRefused(client_id, code, facts): what became of it.
  constructor({ connection, fallback, frame, url, fields, onAccepted, onRefused }) {
    Object.assign(this, { connection, fallback, frame, url, fields, onAccepted, onRefused, busy: false });
  }

  // The outbox's transport.
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

// What a message points at, and what it brings along, as the frame and the form name it.
export function points({ reply_to: quote, mentions, question, proof }) {
  return { ...(quote && { reply_to: quote.seq }), ...(mentions?.length && { mentions }), ...(question && { question }), ...(proof && { proof }) };
}

const AGAIN = 30_000;

// Many come from this address: a moment's work lets a first message in. onProof(client_id, proof).
// Once in a while only, as what waits goes out again by itself; then each new one, as a proof that
// was too late, or came from another address, is of no use any more.
export function prover(onProof, clock = performance) {
  let proved = -Infinity;
  return async (id, challenge) => {
    if (clock.now() - proved < AGAIN) return;
    proved = clock.now();
    const { solve } = await import("./proof.js").catch(() => ({}));
    if (solve) onProof(id, await solve(challenge));
  };
}
