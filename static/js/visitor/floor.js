// Whether a bot answers, and then the button by which the visitor gets a person.

import { postForm } from "../connection/http.js";

const BEGINS = /^(opened|reopened)$/;
const ENDS = /^(handed_over|claimed|taken_over|transferred|moved|closed)$/;

// What a message says of it: true where a bot has the floor from here on, false where it has not,
// undefined where that stays as it was.
export function floorAfter({ kind, sender_role: role, automatic, data }) {
  if (kind === "message") return role === "agent" && !automatic ? false : undefined;
  if (BEGINS.test(data?.event)) return Boolean(data.bot);
  return ENDS.test(data?.event) ? false : undefined;
}

export class Floor {
  // form: the button's, as the server rendered it; while it is hidden, no bot answers. last_seq: up
  // to which message. changed(): a bot answers from here on, or none does. left(): the button went away
  // with the focus. failed(): a person could not be asked for.
  constructor({ form, last_seq: since, changed, left, failed }) {
    Object.assign(this, { form, since, changed, left, failed, asking: false, bot: !form.hidden });
    form.addEventListener("submit", (event) => this.submit(event));
  }

  // The conversation as the socket's hello describes it.
  row({ bot, last_seq: since }) {
    Object.assign(this, { since, bot: Boolean(bot) });
  }

  show({ timeline }) {
    const last = timeline.latest((message) => message.seq > this.since && floorAfter(message) !== undefined);
    this.set(last ? floorAfter(last) : this.bot);
  }

  set(bot) {
    if (this.form.hidden !== bot) return;
    const within = this.form.contains(document.activeElement);
    this.form.hidden = !bot;
    if (within) this.left();
    this.changed();
  }

  async submit(event) {
    event.preventDefault();
    // A button that is disabled meanwhile would lose the focus.
    if (this.asking) return;
    this.asking = true;
    try {
      await postForm(this.form.action, {});
      this.set(false);
    } catch {
      this.failed();
    } finally {
      this.asking = false;
    }
  }
}
