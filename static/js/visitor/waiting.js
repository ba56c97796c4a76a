// Whether the visitor waits for an answer, as far as the page knows; if so, queue_position.js shows
// their position in the queue.

export class Waiting {
  // ask(): sends the question; returns false if it cannot be sent now. event() takes the answer.
  constructor({ me, element, ask }) {
    Object.assign(this, { me, element, ask, ready: null });
  }

  wait(waiting) {
    if (waiting) this.load();
    this.ready?.then((queue) => queue?.wait(waiting));
  }

  load() {
    this.ready ??= import("./queue_position.js").then(
      ({ QueuePosition }) => new QueuePosition(this),
      // No network: the next message tries again.
      () => (this.ready = null),
    );
    return this.ready;
  }

  // A quick question calls nobody, and a claimed conversation is in no queue.
  after({ sender, kind, data, question, automatic }) {
    if (kind === "notice") {
      if (/^(closed|claimed|taken_over|transferred)$/.test(data?.event)) this.wait(false);
      else if (data?.event === "handed_over") this.wait(true);
      // The server knows whether they wait at all.
      else if (data?.event === "moved") this.load().then((queue) => queue?.moved());
    } else if (sender !== this.me && !automatic) this.wait(false);
    else if (sender === this.me && !question) this.wait(true);
  }

  event(event) {
    this.ready?.then((queue) => queue?.event(event));
  }
}
