// Notices when nobody uses this browser: input in any of its windows counts. Each window reports to
// its own connection; the server takes an agent to be away when all their connections say so.

const LOOK = 15_000;
const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

export class Away {
  // minutes(): a promise of the number of minutes without input after which the agent is away; 0:
  // never. send(frame). store, key: where the windows keep the time of the last input.
  constructor({ minutes, send, store, key, clock = globalThis }) {
    Object.assign(this, { minutes, send, store, key, clock, away: false, paused: false, kept: 0, last: clock.Date.now() });
    this.look();
  }

  // Listens for input in this window, and for what other windows store.
  listen(window) {
    for (const name of INPUT) window.addEventListener(name, () => this.input(), { capture: true, passive: true });
    window.addEventListener("storage", ({ key }) => key === this.key && this.input(false));
  }

  // own: whether the input was in this window.
  input(own = true) {
    const now = this.clock.Date.now();
    this.last = now;
    if (this.away || this.paused) this.report(false);
    if (!own || now - this.kept < LOOK) return;
    this.kept = now;
    this.store.set(this.key, now);
  }

  // Timers of a hidden window are slow, so the stored time is read as well.
  async look() {
    this.clock.setTimeout(() => this.look(), LOOK);
    const limit = (await this.minutes()) * 60_000;
    const last = Math.max(this.last, this.store.get(this.key) ?? 0);
    const away = limit > 0 && this.clock.Date.now() - last >= limit;
    if (away !== this.away) this.report(away);
  }

  report(away) {
    this.away = away;
    if (!away) this.paused = false;
    this.send({ type: "presence", away });
  }

  // Whether the server takes the agent to be away because of offers that they missed, until there
  // is input.
  pause(paused) {
    this.paused = paused;
  }

  // The server knows nothing of it on a new connection.
  connected() {
    if (this.away) this.report(true);
  }
}
