// Loads reply_sound.js once the page was touched, and passes it the answers.

import { watched } from "../connection/conversation.js";

const TOUCHES = ["pointerup", "keydown", "touchend"];

export class ReplySoundLoader {
  constructor({ me, store }) {
    Object.assign(this, { me, store, ready: null });
    const touched = async () => (await this.load())?.unlock();
    for (const name of TOUCHES) addEventListener(name, touched, { capture: true, passive: true });
    // The page was touched before this module was loaded, for example to write the first message.
    if (navigator.userActivation?.hasBeenActive) touched();
  }

  load() {
    this.ready ??= import("./reply_sound.js").then(
      ({ ReplySound }) => new ReplySound(this),
      // No network: the next touch tries again.
      () => (this.ready = null),
    );
    return this.ready;
  }

  // A message that comes with the tap that asked for it is no news. A window that is looked at says
  // so to the others, touched or not.
  async posted({ id, sender, kind, automatic }) {
    if (kind !== "message" || sender === this.me || automatic) return;
    if (watched()) this.load();
    (await this.ready)?.replyArrived({ id });
  }
}
