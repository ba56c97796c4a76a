// Who is writing: telling it, not too often, and showing it, not for longer than it is true.

import { wellFormed } from "../connection/outbox.js";

const TELL_DRAFT = 1000;
const TELL_AGAIN = 3000;
const SHOWN = 6000;
// A longer draft is not read along; beyond the limit of a frame it would cost the connection.
const DRAFT = 2000;

// Tells the others. A visitor sends the text so far, at most once a second and always the last
// one; an agent only that they write.
export class TypingTeller {
  constructor({ send, drafts, clock = globalThis }) {
    Object.assign(this, { send, drafts, clock, timer: null, told: false, last: -Infinity });
  }

  input(text) {
    if (!text) return this.stop();
    const pause = this.drafts ? TELL_DRAFT : TELL_AGAIN;
    const wait = this.last + pause - this.clock.Date.now();
    this.clock.clearTimeout(this.timer);
    if (wait <= 0) this.tell(text);
    else if (this.drafts) this.timer = this.clock.setTimeout(() => this.tell(text), wait);
  }

  tell(text) {
    this.last = this.clock.Date.now();
    this.told = true;
    this.send(this.drafts ? wellFormed(text.slice(0, DRAFT)) : true);
  }

  stop() {
    this.clock.clearTimeout(this.timer);
    if (this.told) this.send(this.drafts ? "" : false);
    this.told = false;
    this.last = -Infinity;
  }
}

// Shows who of the others writes. line(name, draft) makes the words.
export class TypingShown {
  constructor({ element, line, clock = globalThis }) {
    Object.assign(this, { element, line, clock, writers: new Map() });
  }

  event({ member, draft }, name) {
    this.forget(member);
    if (draft) {
      const timer = this.clock.setTimeout(() => this.gone(member), SHOWN);
      this.writers.set(member, { timer, line: this.line(name, draft) });
    }
    this.show();
  }

  gone(member) {
    this.forget(member);
    this.show();
  }

  clear() {
    for (const member of [...this.writers.keys()]) this.forget(member);
    this.show();
  }

  forget(member) {
    this.clock.clearTimeout(this.writers.get(member)?.timer);
    this.writers.delete(member);
  }

  show() {
    this.element.textContent = [...this.writers.values()].map(({ line }) => line).join("\n");
  }
}
