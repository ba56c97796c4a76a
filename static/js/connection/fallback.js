// The fallback: when there was no socket for some seconds the page polls by requests until it is
// back.

const PATIENCE = 5000;
const EVERY = 5000;

export class Fallback {
  // poll(): one round of fetching and sending; returns a promise. onActive(boolean): whether
  // polling works.
  constructor({ poll, onActive = () => {}, clock = globalThis }) {
    Object.assign(this, { poll, onActive, clock, active: false, timer: null });
  }

  // The connection's state changed.
  connection(state) {
    if (state === "open" || state === "stopped") this.stop();
    else this.timer ??= this.clock.setTimeout(() => this.round(), PATIENCE);
  }

  async round() {
    this.active = true;
    const turn = this.timer;
    const works = await this.poll().then(() => true, () => false);
    // Stopped during the round, and maybe started again.
    if (this.timer !== turn) return;
    this.onActive(works);
    this.timer = this.clock.setTimeout(() => this.round(), EVERY);
  }

  stop() {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    if (this.active) this.onActive(false);
    this.active = false;
  }
}
