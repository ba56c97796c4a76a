// Finds the messages that may need an alert: each message that is pushed, and those in a page of
// the inbox whose push was lost, for example while the device slept. alerts.js decides how to
// alert. It is loaded with the first such message, at the first touch, since browsers allow sound
// only then, or after a minute, to notice when nobody is at the computer.

const SOON = 60_000;

const time = (message) => Date.parse(message.created_at);

export class AlertFeed {
  // onMessage(message): a message of somebody else, or a notice. onChoices(event): the member chose
  // other alerts. onHello(): the socket connected again. onPaused(paused): whether the member is away
  // because of offers that they missed.
  constructor({ me, onMessage, onChoices, onHello = () => {}, onPaused = () => {} }) {
    Object.assign(this, { me, onMessage, onChoices, onHello, onPaused, newest: null });
  }

  handle(event) {
    if (event.type === "message.posted") this.posted(event.message);
    if (event.type === "hello" || event.type === "inbox") this.page(event.groups);
    if (event.type === "alerts") this.onChoices(event);
    if (event.type === "hello") this.onHello();
    if (event.type === "hello" || event.type === "offers.paused") this.onPaused(event.type !== "hello" || event.state === "away");
  }

  // A conversation was offered to this agent, or is still offered after a reload.
  offered({ group, until }, { visitor, group_name: name, last }) {
    this.onMessage({ group, seq: `offer ${until}`, kind: "offer", sender: visitor, sender_name: name, content: last?.excerpt ?? "" });
  }

  posted(message) {
    this.newest = Math.max(this.newest ?? 0, time(message));
    if (message.sender !== this.me) this.onMessage(message);
  }

  // Times are the server's: whatever is later than the newest known message is new. The first page
  // only says where to begin.
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

// page: the options of Alerts.start.
export function startAlertFeed(page) {
  let ready = null;
  const load = () =>
    (ready ??= import("./alerts.js").then(
      ({ Alerts }) => Alerts.start(page),
      // No network: loaded again for the next message.
      () => (ready = null),
    ));
  setTimeout(load, SOON);
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, load, { once: true, capture: true });
  return new AlertFeed({
    me: page.me,
    onMessage: async (message) => (await load())?.alert(message),
    onChoices: async (event) => (await ready)?.choose(event),
    onHello: async () => (await ready)?.away.connected(),
    // Any input ends it, so there has to be somebody who notices.
    onPaused: async (paused) => (await (paused ? load() : ready))?.away.pause(paused),
  });
}
