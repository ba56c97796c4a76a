// A few notes from the browser's own synthesiser: no file, and each kind of alert is known by ear.

const NOTE = 0.45;
const LOUD = 0.18;
// Pitch in hertz, and when each note begins.
const TUNES = {
  unclaimed: [[659, 0], [880, 0.16]],
  mine: [[784, 0]],
  others: [[523, 0]],
  mention: [[880, 0], [1047, 0.13], [1319, 0.26]],
};

export class Chime {
  constructor({ Context = globalThis.AudioContext ?? globalThis.webkitAudioContext } = {}) {
    Object.assign(this, { Context, context: null });
  }

  get ready() {
    return this.context?.state === "running";
  }

  // Browsers let a page sound once somebody has touched it. Returns a promise of whether it may.
  async unlock() {
    if (!this.Context) return false;
    this.context ??= new this.Context();
    // Where it is not allowed, this may wait for ever.
    const woken = this.context.resume().catch(() => {});
    await Promise.race([woken, new Promise((done) => setTimeout(done, 200))]);
    return this.ready;
  }

  // False where the browser keeps it silent.
  play(kind) {
    if (!this.ready) return false;
    const { context } = this;
    for (const [pitch, after] of TUNES[kind]) {
      const at = context.currentTime + after;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      // Without a slope at both ends it would crack.
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
