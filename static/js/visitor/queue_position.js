// The visitor's position in the queue, asked for while nobody has answered. Loaded when one waits.

import { plural, text } from "../shared/text.js";

const SOON = 1_000;
const AGAIN = 10_000;
const FAR = 30_000;
// The server's queue is up to 5 s old: a visitor who has just come may not be in it yet.
const NOT_YET = 5_500;
const PATIENCE = 2;
const HOUR = 3600;

export class QueuePosition {
  // ask(): sends the question; returns false if it cannot be sent now. event() takes the answer.
  constructor({ element, ask, clock = globalThis }) {
    Object.assign(this, { element, ask, clock, waiting: false, timer: null, missed: 0 });
  }

  // waiting: whether the visitor waits, as far as the page knows.
  wait(waiting) {
    this.clock.clearTimeout(this.timer);
    Object.assign(this, { waiting, missed: 0 });
    if (waiting) this.later(SOON);
    else this.show("");
  }

  // The visitor moved to another team's queue.
  moved() {
    this.wait(false);
    this.waiting = true;
    this.later(NOT_YET);
  }

  later(delay) {
    this.timer = this.clock.setTimeout(() => {
      // An old position is not shown.
      if (!this.ask()) this.show("");
      this.later(AGAIN);
    }, delay);
  }

  event({ before, usual }) {
    if (!this.waiting) return;
    this.clock.clearTimeout(this.timer);
    if (before === null) {
      this.show("");
      this.missed += 1;
      if (this.missed < PATIENCE) this.later(NOT_YET);
      return;
    }
    this.missed = 0;
    const place = before ? plural("before", before) : text("before_none");
    this.show(usual === null ? place : `${place} ${usually(usual)}`.trim());
    this.later(before > 10 ? FAR : AGAIN);
  }

  show(words) {
    if (this.element.textContent !== words) this.element.textContent = words;
  }
}

// More than a day is not worth telling.
function usually(seconds) {
  if (seconds > 24 * HOUR) return "";
  if (seconds > HOUR) return plural("usually_hours", Math.ceil(seconds / HOUR));
  return plural("usually_minutes", Math.max(1, Math.ceil(seconds / 60)));
}
