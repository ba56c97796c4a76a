// The line that says how the connection is, when it is not as it should be.

import { has, text } from "./text.js";

// A short break heals before anybody need know of it.
const PATIENCE = 2000;

export class ConnectionBar {
  constructor(element, clock = globalThis) {
    Object.assign(this, { element, clock, timer: null, polling: false });
  }

  state(state, code) {
    if (state === "open" || state === "stopped") {
      this.clock.clearTimeout(this.timer);
      this.timer = null;
    }
    if (state === "open") this.element.hidden = true;
    else if (state === "stopped") this.show(`connection_${code}`, "bad");
    else if (code === 4429) this.show("connection_4429", "warn");
    else if (this.element.hidden) this.timer ??= this.clock.setTimeout(() => this.waiting(), PATIENCE);
    else this.waiting();
  }

  active(polling) {
    this.polling = polling;
    if (!this.element.hidden) this.waiting();
  }

  waiting() {
    if (this.element.dataset.kind === "bad" && !this.element.hidden) return;
    const offline = globalThis.navigator?.onLine === false;
    this.show(offline ? "connection_offline" : this.polling ? "connection_polling" : "connection_waiting", "warn");
  }

  show(key, kind, values = {}) {
    const words = has(key) ? text(key, values) : text("connection_waiting");
    if (this.element.textContent !== words) this.element.textContent = words;
    this.element.dataset.kind = kind;
    this.element.hidden = false;
  }
}
