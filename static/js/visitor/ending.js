// Whether the conversation has ended, and what the page offers: to end it, or to say how it was.

export class Ending {
  // As the page or the socket's hello said, or by the last notice since. Older ones come with their
  // facts when one scrolls up, and tell nothing of today. onEnded(): it was ended here.
  constructor({ form, menu, sounds, ended, since, onEnded }) {
    Object.assign(this, { form, menu, ended, since });
    const load = async () => new (await import("./menu.js")).Menu({ menu, onEnded, sound: await sounds.load() });
    // Without it the plain forms do the same.
    menu.addEventListener("toggle", () => load().catch(() => {}), { once: true });
  }

  row({ open, last_seq }) {
    this.ended = !open;
    this.since = last_seq;
  }

  show({ group, timeline }) {
    const last = timeline.latest(({ seq, data }) => seq > this.since && /^(closed|reopened)$/.test(data?.event));
    if (last) this.ended = last.data.event === "closed";
    const { form, menu, ended } = this;
    menu.hidden = !group;
    menu.querySelector(".ending").hidden = ended;
    if (ended && !("ready" in form.dataset)) {
      form.dataset.ready = "";
      import("./rating.js").then(({ takeRating }) => takeRating(form));
    }
    if (form.hidden !== ended) return;
    form.hidden = !ended;
    if (ended) this.ask();
  }

  // Anew, whatever was said of an earlier reception.
  ask() {
    delete this.form.dataset.given;
    for (const star of this.form.elements.score) star.checked = star.defaultChecked = false;
    this.form.reset();
  }
}
