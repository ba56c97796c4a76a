// Without a socket for some seconds the page asks by plain requests, until it is back.

const PATIENCE = 5000;
const EVERY = 5000;

export class Fallback {
  // poll(): one round of asking and sending; a promise. onActive(boolean).
  constructor({ poll, onActive = () => {}, clock = globalThis }) {
    Object.assign(this, { poll, onActive, clock, active: false, timer: null });
  }

  // The connection's state changed.
  connection(state) {
    if (state === "open" || state === "stopped") this.stop();
    else this.timer ??= this.clock.setTimeout(() => this.round(), PATIENCE);
  }

  async round() {
    if (!this.active) {
      this.active = true;
      this.onActive(true);
    }
    const turn = this.timer;
    await this.poll().catch(() => {});
    // Stopped, or stopped and begun anew, while it was asking.
    if (this.timer === turn) this.timer = this.clock.setTimeout(() => this.round(), EVERY);
  }

  stop() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    if (this.active) this.onActive(false);
    this.active = false;
  }
}
