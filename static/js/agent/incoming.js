// What may deserve an alert: each message that is pushed, and what a page of the inbox tells of those
// whose push was lost, as when the device slept. How it is told, alerts.js knows; it comes when
// there is something to tell, or at the first touch, since only then a browser lets it sound, or
// after a minute, to see whether anybody is there.

const SOON = 60_000;

const time = (message) => Date.parse(message.created_at);

export class Incoming {
  // onMessage(message): one that others wrote, or a notice. onChoices(event): another choice.
  // onHello(): a new connection.
  constructor({ me, onMessage, onChoices, onHello = () => {} }) {
    Object.assign(this, { me, onMessage, onChoices, onHello, newest: null });
  }

  heard(event) {
    if (event.type === "message.posted") this.posted(event.message);
    if (event.type === "hello" || event.type === "inbox") this.page(event.groups);
    if (event.type === "alerts") this.onChoices(event);
    if (event.type === "hello") this.onHello();
  }

  posted(message) {
    this.newest = Math.max(this.newest ?? 0, time(message));
    if (message.sender !== this.me) this.onMessage(message);
  }

  // Times are the server's: what is later than all that was heard is news. The first page is none.
  page(rows) {
    const known = this.newest;
    const last = rows.filter((row) => row.last).map(({ group, last, ...row }) => ({ ...row, ...last, group, content: last.excerpt }));
    this.newest = Math.max(known ?? 0, ...last.map(time));
    if (known === null) return;
    for (const { unread, mentioned, ...message } of last) {
      if (time(message) <= known || !unread || message.sender === this.me) continue;
      this.onMessage({ ...message, mentions: mentioned === message.seq ? [this.me] : [] });
    }
  }
}

// page: what Alerts.start takes.
export function alertsLater(page) {
  let ready = null;
  const load = () =>
    (ready ??= import("./alerts.js").then(
      ({ Alerts }) => Alerts.start(page),
      // Fetched again for the next one.
      () => (ready = null),
    ));
  setTimeout(load, SOON);
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, load, { once: true, capture: true });
  return new Incoming({
    me: page.me,
    onMessage: async (message) => (await load())?.tell(message),
    onChoices: async (event) => (await ready)?.choose(event),
    onHello: async () => (await ready)?.away.connected(),
  });
}
