// Whether the conversation is closed, and what the page offers: to end it, or to rate it.

export class Closing {
  // ended, since: the state of the page or the hello, and its seq. Later notices change it; older
  // ones, which arrive when one scrolls up, do not.
  constructor({ form, menu, ended, since }) {
    Object.assign(this, { form, menu, ended, since });
  }

  row({ open, last_seq }) {
    this.ended = !open;
    this.since = last_seq;
  }

  show({ group, timeline }) {
    const last = timeline.latest(({ seq, data }) => seq > this.since && /^(closed|reopened)$/.test(data?.event));
    if (last) this.ended = last.data.event === "closed";
    const { form, menu, ended } = this;
    menu.querySelector(".of-conversation").hidden = !group;
    menu.querySelector(".ending").hidden = ended;
    if (ended && !("ready" in form.dataset)) {
      form.dataset.ready = "";
      import("./rating.js").then(({ takeRating }) => takeRating(form));
    }
    if (form.hidden !== ended) return;
    form.hidden = !ended;
    if (ended) this.ask();
  }

  // Asks for a rating anew, whatever was given for an earlier reception.
  ask() {
    delete this.form.dataset.given;
    for (const star of this.form.elements.score) star.checked = star.defaultChecked = false;
    this.form.reset();
  }
}
