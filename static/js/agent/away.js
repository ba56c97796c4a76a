// Whether somebody is at this browser: input in any of its windows counts. Each window tells its own
// connection, since only all of somebody's connections together mean that they are away.

const LOOK = 15_000;
const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

export class Away {
  // minutes(): a promise of after how many without input one is away; 0: never. send(frame).
  // store, key: what the windows share, the moment of the last input.
  constructor({ minutes, send, store, key, clock = globalThis }) {
    Object.assign(this, { minutes, send, store, key, clock, away: false, kept: 0, last: clock.Date.now() });
    this.look();
  }

  // Listens to this window, and to what the others keep.
  listen(window) {
    for (const name of INPUT) window.addEventListener(name, () => this.input(), { capture: true, passive: true });
    window.addEventListener("storage", ({ key }) => key === this.key && this.input(false));
  }

  // own: it was in this window.
  input(own = true) {
    const now = this.clock.Date.now();
    this.last = now;
    if (this.away) this.tell(false);
    if (!own || now - this.kept < LOOK) return;
    this.kept = now;
    this.store.set(this.key, now);
  }

  // Timers of a hidden window are slow; what was kept meanwhile is read as well.
  async look() {
    this.clock.setTimeout(() => this.look(), LOOK);
    const limit = (await this.minutes()) * 60_000;
    const last = Math.max(this.last, this.store.get(this.key) ?? 0);
    const away = limit > 0 && this.clock.Date.now() - last >= limit;
    if (away !== this.away) this.tell(away);
  }

  tell(away) {
    this.away = away;
    this.send({ type: "presence", away });
  }

  // A new connection knows nothing of it.
  connected() {
    if (this.away) this.tell(true);
  }
}
