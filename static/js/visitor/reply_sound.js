// Plays a sound when somebody answers and the visitor looks elsewhere. Loaded at the first touch:
// before it no browser allows sound.

import { Chime } from "../shared/chime.js";
import { watched } from "../connection/conversation.js";
import { Windows } from "../shared/windows.js";

const MUTED = "kefu:muted";
// Milliseconds in which a window that is looked at says so.
const PAUSE = 300;
const APART = 2_500;

export class ReplySound {
  constructor({ store, chime = new Chime(), looked = watched, locks = globalThis.navigator?.locks, clock = globalThis }) {
    Object.assign(this, { store, chime, looked, clock, silent: false, last: -Infinity });
    this.windows = new Windows({ store, key: "kefu:heard", locks });
  }

  // Kept in this browser; where nothing can be stored, for this page.
  get muted() {
    return this.store.get(MUTED) ?? this.silent;
  }

  set muted(muted) {
    this.silent = muted;
    this.store.set(MUTED, muted);
  }

  // Some browsers allow sound only from within a touch.
  unlock() {
    if (!this.chime.ready) this.chime.unlock();
  }

  // An answer arrived. Of several windows one plays the sound, and none does while one of them is
  // looked at.
  async replyArrived({ id }) {
    if (!this.looked()) await new Promise((done) => this.clock.setTimeout(done, PAUSE));
    const looked = this.looked();
    if (!looked && !(await this.chime.unlock())) return;
    if ((await this.windows.first(id, true)) !== null || looked || this.muted) return;
    const now = this.clock.Date.now();
    if (now - this.last < APART) return;
    this.last = now;
    this.chime.play("mine");
  }
}
