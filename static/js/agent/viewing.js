// Who is looking at the open conversation: telling it while this window can be seen, and showing the
// others, not for longer than they say so.

import { showFace } from "./avatar.js";
import { text } from "../shared/text.js";

// Who walks through the inbox looks at nothing; a tab that is left for a moment is still looked at.
const SETTLED = 500;
// A newcomer is told of us at once, but ten who come together are told with one frame.
const PAUSE = 2000;
export const AGAIN = 25_000;
export const FADES = 60_000;
const FACES = 3;

export class Viewing {
  // send(frame): false without a socket. isAway(member): whether nobody sits at their windows, though
  // they are open. onChange(people): who looks now, each {member, name, avatar}.
  constructor({ send, isAway, onChange, document = globalThis.document, clock = globalThis }) {
    Object.assign(this, { send, isAway, onChange, document, clock });
    Object.assign(this, { group: null, told: null, last: -Infinity, timer: null, others: new Map() });
    document.addEventListener("visibilitychange", () => this.soon());
  }

  // Another conversation is on the desk, or none.
  use(group) {
    if (group === this.group) return;
    this.group = group;
    for (const window of [...this.others.keys()]) this.forget(window);
    this.show();
    this.soon();
  }

  // A new connection knows nothing of this window.
  connected() {
    this.told = null;
    this.soon();
  }

  // In a moment; an own change does not wait for the pause after the last telling.
  soon(delay = SETTLED) {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.tell(), delay);
  }

  tell() {
    const group = this.document.visibilityState === "visible" ? this.group : null;
    if ((group ?? this.told) && this.send({ type: "viewing", group })) {
      this.told = group;
      this.last = this.clock.Date.now();
    }
    if (group) this.soon(AGAIN);
  }

  heard({ group, window, looking, ...person }) {
    if (group !== this.group) return;
    const known = this.others.get(window);
    this.clock.clearTimeout(known?.timer);
    if (!looking) this.others.delete(window);
    else {
      const timer = this.clock.setTimeout(() => {
        this.forget(window);
        this.show();
      }, FADES);
      // In its old place, if it has one: who says it again does not change places.
      this.others.set(window, { timer, ...person });
      // They do not know of us yet.
      if (!known && this.told === group) this.soon(Math.max(0, this.last + PAUSE - this.clock.Date.now()));
    }
    this.show();
  }

  forget(window) {
    this.clock.clearTimeout(this.others.get(window)?.timer);
    this.others.delete(window);
  }

  // One who looks from two windows is one; who is away looks at nothing.
  get people() {
    const found = new Map([...this.others.values()].map((one) => [one.member, one]));
    return [...found.values()].filter(({ member }) => !this.isAway(member));
  }

  show() {
    this.onChange(this.people);
  }
}

// Faces and words in the head of the conversation; no live region, since it is no news. Who sits
// there has a mark on the own face as well, where the head is too narrow for more.
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
