// Chimes: a few notes from the browser's synthesiser. It needs no file, and each kind of alert has
// its own tune.

const NOTE = 0.45;
const LOUD = 0.18;
// Pitch in hertz, and when each note begins.
const TUNES = {
  unclaimed: [[659, 0], [880, 0.16]],
  mine: [[784, 0]],
  others: [[523, 0]],
  mention: [[880, 0], [1047, 0.13], [1319, 0.26]],
  offer: [[659, 0], [880, 0.14], [659, 0.6], [880, 0.74]],
};

export class Chime {
  constructor({ Context = globalThis.AudioContext } = {}) {
    Object.assign(this, { Context, context: null });
  }

  get ready() {
    return this.context?.state === "running";
  }

  // Browsers allow sound only once somebody has touched the page. Returns a promise of whether it
  // is allowed now.
  async unlock() {
    if (!this.Context) return false;
    this.context ??= new this.Context();
    // Where it is not allowed this may never settle.
    const woken = this.context.resume().catch(() => {});
    await Promise.race([woken, new Promise((done) => setTimeout(done, 200))]);
    return this.ready;
  }

  // Returns false where the browser blocks it.
  play(kind) {
    if (!this.ready) return false;
    const { context } = this;
    for (const [pitch, after] of TUNES[kind]) {
      const at = context.currentTime + after;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      // Without a slope at both ends it would click.
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(LOUD, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + NOTE);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + NOTE);
    }
    return true;
  }
}
