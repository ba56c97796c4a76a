// Whether the conversation is closed, and what the page offers: to end it, or to rate it. A close that
// the thread does not show yet has not happened here either.

const changes = ({ data }) => /^(closed|reopened)$/.test(data?.event);

export class Closing {
  // leaves(message): whether the thread leaves it out. open, last_seq: as in `row`.
  constructor({ form, menu, leaves, open, last_seq: since }) {
    Object.assign(this, { form, menu, leaves, was: !open, since, asked: since });
    this.row({ open, last_seq: since });
  }

  // The state of the page or of the hello, up to which seq. Later notices change it; older ones,
  // which arrive when one scrolls up, do not.
  row(told) {
    this.told = told;
  }

  // Once the page has all messages of that time: one of them may be a close that is left out.
  take({ open, last_seq: since }, timeline) {
    const last = timeline.latest(changes);
    const left = last?.data.event === "closed" && this.leaves(last);
    Object.assign(this, { was: !open && !left, since: left ? last.seq - 1 : since, told: null });
  }

  show({ group, timeline }) {
    if (this.told && timeline.completeTo >= this.told.last_seq) this.take(this.told, timeline);
    const last = timeline.latest((message) => message.seq > this.since && changes(message) && !this.leaves(message));
    const ended = last ? last.data.event === "closed" : this.was;
    const { form, menu } = this;
    menu.querySelector(".of-conversation").hidden = !group;
    menu.querySelector(".ending").hidden = ended;
    if (ended && !("ready" in form.dataset)) {
      form.dataset.ready = "";
      import("./rating.js").then(({ takeRating }) => takeRating(form));
    }
    // The page may learn of a new reception and of its close together.
    const { seq = 0 } = timeline.latest((message) => message.data?.event === "closed" && !this.leaves(message)) ?? {};
    const anew = ended && (form.hidden || seq > this.asked);
    form.hidden = !ended;
    if (!anew) return;
    this.asked = Math.max(this.asked, seq);
    this.ask();
  }

  // Asks for a rating anew, whatever was given for an earlier reception.
  ask() {
    delete this.form.dataset.given;
    for (const star of this.form.elements.score) star.checked = star.defaultChecked = false;
    this.form.reset();
  }
}
