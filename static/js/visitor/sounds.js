// Brings sound.js once the page was touched, and hands it what came.

import { watched } from "../connection/conversation.js";

const TOUCHES = ["pointerup", "keydown", "touchend"];

export class Sounds {
  constructor({ me, store }) {
    Object.assign(this, { me, store, ready: null });
    const touched = async () => (await this.load())?.unlock();
    for (const name of TOUCHES) addEventListener(name, touched, { capture: true, passive: true });
    // It was touched before this was fetched, as by who wrote the first message.
    if (navigator.userActivation?.hasBeenActive) touched();
  }

  load() {
    this.ready ??= import("./sound.js").then(
      ({ Sound }) => new Sound(this),
      // No network: the next touch tries again.
      () => (this.ready = null),
    );
    return this.ready;
  }

  // What comes with the tap that asked for it is no news. A window that is looked at says so to
  // the others, touched or not.
  async posted({ id, sender, kind, automatic }) {
    if (kind !== "message" || sender === this.me || automatic) return;
    if (watched()) this.load();
    (await this.ready)?.tell({ id });
  }
}
