// Who is looking at the open conversation: reports it of this window while it is visible, and shows
// the others for as long as they report it.

import { showFace } from "../avatar.js";
import { text } from "../../shared/text.js";

// An agent who only passes through the inbox looks at nothing; a tab that is left for a moment
// still counts.
const SETTLED = 500;
// A newcomer is told of us at once, but ten who come together cost one frame.
const PAUSE = 2000;
export const AGAIN = 25_000;
export const FADES = 60_000;
const FACES = 3;

export class Viewing {
  // send(frame): returns false without a socket. isAway(member): whether nobody uses their windows.
  // onChange(people): the people who look now, each {member, name, avatar}.
  constructor({ send, isAway, onChange, document = globalThis.document, clock = globalThis }) {
    Object.assign(this, { send, isAway, onChange, document, clock });
    Object.assign(this, { group: null, reported: null, last: -Infinity, timer: null, others: new Map() });
    document.addEventListener("visibilitychange", () => this.soon());
  }

  // Another conversation is open, or none.
  use(group) {
    if (group === this.group) return;
    this.group = group;
    for (const window of [...this.others.keys()]) this.forget(window);
    this.show();
    this.soon();
  }

  // The server knows nothing of this window on a new connection.
  connected() {
    this.reported = null;
    this.soon();
  }

  // Reports after `delay`; a change of this window does not wait for the pause after the last
  // report.
  soon(delay = SETTLED) {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.report(), delay);
  }

  report() {
    const group = this.document.visibilityState === "visible" ? this.group : null;
    if ((group ?? this.reported) && this.send({ type: "viewing", group })) {
      this.reported = group;
      this.last = this.clock.Date.now();
    }
    if (group) this.soon(AGAIN);
  }

  update({ group, window, looking, ...person }) {
    if (group !== this.group) return;
    const known = this.others.get(window);
    this.clock.clearTimeout(known?.timer);
    if (!looking) this.others.delete(window);
    else {
      const timer = this.clock.setTimeout(() => {
        this.forget(window);
        this.show();
      }, FADES);
      // A window that reports again keeps its place.
      this.others.set(window, { timer, ...person });
      // They do not know of this window yet.
      if (!known && this.reported === group) this.soon(Math.max(0, this.last + PAUSE - this.clock.Date.now()));
    }
    this.show();
  }

  forget(window) {
    this.clock.clearTimeout(this.others.get(window)?.timer);
    this.others.delete(window);
  }

  // A person with two windows counts once; one who is away does not count.
  get people() {
    const found = new Map([...this.others.values()].map((one) => [one.member, one]));
    return [...found.values()].filter(({ member }) => !this.isAway(member));
  }

  show() {
    this.onChange(this.people);
  }
}

// Shows faces and words in the head of the conversation. It is no live region, since it is not
// news. Members also get a mark on their own face, for heads that are too narrow for more.
export function showLooking(element, template, people, seats) {
  const looking = new Set(people.map(({ member }) => member));
  for (const seat of seats) seat.toggleAttribute("data-looking", looking.has(seat.dataset.member));
  const faces = people.slice(0, FACES).map(({ member, name, avatar }) => {
    const face = template.content.firstElementChild.cloneNode(true);
    showFace(face, { uuid: member, name, avatar });
    return face;
  });
  element.querySelector(".looking-faces").replaceChildren(...faces);
  const names = people.map(({ name }) => name);
  element.querySelector(".looking-words").textContent = words(names);
  element.title = names.join(" · ");
}

export function words([name, ...others]) {
  if (name === undefined) return "";
  if (!others.length) return text("looking_one", { name });
  return others.length > 1 ? text("looking_many", { name, n: others.length }) : text("looking_two", { name, other: others[0] });
}
