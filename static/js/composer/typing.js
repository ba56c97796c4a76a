// Typing: reports that one types, not too often, and shows who else does, not for longer than it is
// true.

import { wellFormed } from "../connection/outbox.js";

const DRAFT_PAUSE = 1000;
const TYPING_PAUSE = 3000;
const SHOWN = 6000;
// Nobody reads a longer draft along, and beyond the limit of a frame it would cost the connection.
const DRAFT = 2000;

// Reports typing. A visitor sends the text so far, at most once a second and always the last one;
// an agent only that they type.
export class TypingSender {
  /**
   * @param {object} options
   * @param {(draft: string | boolean) => void} options.send
   * @param {boolean} options.drafts Whether the text is sent, too.
   * @param {import("../connection/outbox.js").Clock} [options.clock]
   */
  constructor({ send, drafts, clock = globalThis }) {
    this.send = send;
    this.drafts = drafts;
    this.clock = clock;
    /** @type {number | null} */
    this.timer = null;
    this.reported = false;
    this.last = -Infinity;
  }

  input(text) {
    if (!text) return this.stop();
    const pause = this.drafts ? DRAFT_PAUSE : TYPING_PAUSE;
    const wait = this.last + pause - this.clock.Date.now();
    this.clock.clearTimeout(this.timer);
    if (wait <= 0) this.report(text);
    else if (this.drafts) this.timer = this.clock.setTimeout(() => this.report(text), wait);
  }

  report(text) {
    this.last = this.clock.Date.now();
    this.reported = true;
    this.send(this.drafts ? wellFormed(text.slice(0, DRAFT)) : true);
  }

  stop() {
    this.clock.clearTimeout(this.timer);
    if (this.reported) this.send(this.drafts ? "" : false);
    this.reported = false;
    this.last = -Infinity;
  }
}

// Shows who else types.
export class TypingIndicator {
  /**
   * @param {object} options
   * @param {HTMLElement} options.element
   * @param {(name: string, draft: string | boolean) => string} options.line Returns the words.
   * @param {import("../connection/outbox.js").Clock} [options.clock]
   */
  constructor({ element, line, clock = globalThis }) {
    this.element = element;
    this.line = line;
    this.clock = clock;
    /** @type {Map<string, {timer: number, line: string}>} */
    this.writers = new Map();
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
