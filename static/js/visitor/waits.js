// Whether the visitor waits for an answer, as far as their page knows; while they do, queue.js shows
// where they stand in the line.

export class Waits {
  // ask(): sends the question; false when it cannot go now. event() takes the answer.
  constructor({ me, element, ask }) {
    Object.assign(this, { me, element, ask, ready: null });
  }

  wait(waiting) {
    if (waiting) this.load();
    this.ready?.then((queue) => queue?.wait(waiting));
  }

  load() {
    this.ready ??= import("./queue.js").then(
      ({ Queue }) => new Queue(this),
      // No network: the next message tries again.
      () => (this.ready = null),
    );
    return this.ready;
  }

  // Quick questions call nobody, and who is claimed stands in no line.
  after({ sender, kind, data, question, automatic }) {
    if (kind === "notice") {
      if (/^(closed|claimed|taken_over|transferred)$/.test(data?.event)) this.wait(false);
      // If they wait at all: the server knows.
      else if (data?.event === "moved") this.load().then((queue) => queue?.moved());
    } else if (sender !== this.me && !automatic) this.wait(false);
    else if (sender === this.me && !question) this.wait(true);
  }

  event(event) {
    this.ready?.then((queue) => queue?.event(event));
  }
}
