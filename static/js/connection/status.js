// The line about the connection: it has words while something is wrong with it, or for some seconds
// of an action. It is never hidden: a status that is shown with its words is spoken by no screen reader.

import { has, text } from "../shared/text.js";

// A short break heals before anybody need know of it.
const PATIENCE = 2000;
const LINGER = 6000;

export class ConnectionStatus {
  /**
   * @param {HTMLElement} element
   * @param {import("./outbox.js").Clock} [clock]
   */
  constructor(element, clock = globalThis) {
    this.element = element;
    this.clock = clock;
    /** @type {number | null} */
    this.timer = null;
    this.polling = false;
    /** @type {{kind: string, words: string} | null} */
    this.line = null;
    /** @type {number | null} */
    this.noticeTimer = null;
    /** @type {string | null} */
    this.key = null;
  }

  /**
   * @param {string} state
   * @param {number | null} code
   */
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

  /**
   * Sets the state of the connection.
   * @param {string | null} key The key of its text, or null: all is well.
   * @param {string} [kind]
   * @param {Record<string, any>} [values]
   */
  put(key, kind, values) {
    this.line = key && { kind, words: has(key) ? text(key, values) : text("connection_waiting") };
    if (!this.noticeTimer) this.show(this.line);
  }

  /**
   * Shows a message instead of the state for some seconds.
   * @param {string} key
   * @param {Record<string, any>} [values]
   */
  notify(key, values) {
    this.clock.clearTimeout(this.noticeTimer);
    this.key = key;
    this.show({ kind: "warn", words: text(key, values) });
    this.noticeTimer = this.clock.setTimeout(() => this.dismiss([key]), LINGER);
  }

  // Removes the message if it is one of these.
  dismiss(keys) {
    if (!this.noticeTimer || !keys.includes(this.key)) return;
    this.clock.clearTimeout(this.noticeTimer);
    this.noticeTimer = null;
    this.show(this.line);
  }

  show(line) {
    const words = line?.words ?? "";
    // Unchanged text is not set again: a screen reader would repeat it.
    if (this.element.textContent !== words) this.element.textContent = words;
    this.element.dataset.kind = line?.kind ?? "";
  }
}
