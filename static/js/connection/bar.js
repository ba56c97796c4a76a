// The line that says how the connection is, when it is not as it should be, and for a moment what
// became of something that was tried.

import { has, text } from "../shared/text.js";

// A short break heals before anybody need know of it.
const PATIENCE = 2000;
const LINGER = 6000;

export class ConnectionBar {
  constructor(element, clock = globalThis) {
    Object.assign(this, { element, clock, timer: null, polling: false, line: null, told: null, key: null });
  }

  state(state, code) {
    if (state === "open" || state === "stopped") {
      this.clock.clearTimeout(this.timer);
      this.timer = null;
    }
    if (state === "open") this.put(null);
    else if (state === "stopped") this.put(`connection_${code}`, "bad");
    else if (code === 4429) this.put("connection_4429", "warn");
    else if (!this.line) this.timer ??= this.clock.setTimeout(() => this.waiting(), PATIENCE);
    else this.waiting();
  }

  active(polling) {
    this.polling = polling;
    if (this.line) this.waiting();
  }

  waiting() {
    if (this.line?.kind === "bad") return;
    const offline = globalThis.navigator?.onLine === false;
    this.put(offline ? "connection_offline" : this.polling ? "connection_polling" : "connection_waiting", "warn");
  }

  // How the connection is; null: as it should be.
  put(key, kind) {
    this.line = key && { kind, words: has(key) ? text(key) : text("connection_waiting") };
    if (!this.told) this.show(this.line);
  }

  // What became of something, in the place of that for some seconds.
  tell(key, values) {
    this.clock.clearTimeout(this.told);
    this.key = key;
    this.show({ kind: "warn", words: text(key, values) });
    this.told = this.clock.setTimeout(() => this.untell([key]), LINGER);
  }

  // None of these is true any more.
  untell(keys) {
    if (!this.told || !keys.includes(this.key)) return;
    this.clock.clearTimeout(this.told);
    this.told = null;
    this.show(this.line);
  }

  show(line) {
    this.element.hidden = !line;
    if (!line) return;
    // Set anew, the same words would be read out again.
    if (this.element.textContent !== line.words) this.element.textContent = line.words;
    this.element.dataset.kind = line.kind;
  }
}
