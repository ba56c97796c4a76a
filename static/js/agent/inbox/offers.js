// Conversations that are offered to this agent: a card over the thread, with the visitor's first
// words and a ring that counts down. Of several offers the one that ends first is shown.
//
// The server decides when an offer ends. Its time is counted by this computer's clock from the
// moment at which the offer arrived, since the two clocks may differ.

import { waited } from "../../shared/durations.js";
import { stylesheet } from "../../shared/styles.js";
import { has, text } from "../../shared/text.js";

const BEAT = 250;
// Milliseconds that a card stays when its time is over and the server has not said so yet.
const OVERDUE = 3_000;

export class Offers {
  // root: the region over the thread. template: a card. rowOf(group): a promise of the
  // conversation's row in the inbox. send(frame): returns false without a socket. open(group):
  // opens a conversation. ring(offer, row): alerts the agent. notify(key): shows a line. onLeft(): called
  // when the element with the focus was removed. dress(): sees to the card's styles.
  constructor({ root, template, rowOf, send, open, ring, notify, onLeft, dress = () => {}, clock = globalThis }) {
    Object.assign(this, { root, template, rowOf, send, open, ring, notify, onLeft, dress, clock });
    Object.assign(this, { offers: new Map(), card: null, timer: null });
  }

  // options: those of the constructor.
  static async load(options) {
    const dress = () => stylesheet(options.template.dataset.css);
    await dress();
    return new Offers({ ...options, dress });
  }

  // While something is being written, the keys of an offer need Alt. On a Mac they make other
  // letters then, so that the place of the key is asked for.
  listen(document) {
    document.addEventListener("keydown", (event) => {
      const which = { KeyY: "accept", KeyP: "decline" }[event.code];
      if (!this.card || !which || !event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.answer(which);
    });
  }

  // All open offers, as `hello` and `synced` bring them.
  all(offers) {
    const open = new Set(offers.map(({ group }) => group));
    for (const group of this.offers.keys()) if (!open.has(group)) this.offers.delete(group);
    for (const offer of offers) this.keep(offer);
    this.show();
  }

  // The event `offer`.
  offered(offer) {
    if (!this.keep(offer)) return;
    this.show();
    this.rowOf(offer.group).then(
      (row) => this.offers.has(offer.group) && this.ring(offer, row),
      () => this.ring(offer, {}),
    );
  }

  // The event `offer.ended`; only an offer that went unanswered needs a word.
  ended({ group, why }) {
    if (!this.offers.delete(group)) return;
    if (why === "expired") this.notify("offer_expired");
    this.show();
  }

  // Returns whether the offer is new.
  keep({ group, until, reason, seconds }) {
    if (this.offers.get(group)?.until === until) return false;
    const now = this.clock.Date.now();
    const left = Math.max(0, seconds === undefined ? Date.parse(until) - now : seconds * 1000);
    this.offers.set(group, { group, until, reason, whole: left, ends: now + left });
    return true;
  }

  // The offer that ends first.
  first() {
    return [...this.offers.values()].sort((one, other) => one.ends - other.ends)[0] ?? null;
  }

  show() {
    const offer = this.first();
    if (offer && this.card?.offer === offer) return this.tick();
    this.clock.clearTimeout(this.timer);
    this.card = null;
    const within = this.root.contains(document.activeElement);
    this.root.replaceChildren();
    // Not to the next card: a second press would answer that.
    if (within) this.onLeft();
    if (!offer) return;
    this.dress();
    const element = this.template.content.firstElementChild.cloneNode(true);
    element.dataset.group = offer.group;
    this.card = { offer, element, row: null };
    for (const form of element.querySelectorAll("form")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.answer(form.dataset.answer);
      });
    }
    this.root.replaceChildren(element);
    this.describe(this.card);
    this.tick();
  }

  async describe(card) {
    const why = `offer_${card.offer.reason.split(/[;,]/)[0].trim()}`;
    card.element.querySelector(".offer-why").textContent = has(why) ? text(why) : "";
    const row = await this.rowOf(card.offer.group).catch(() => null);
    if (!row || this.card !== card) return;
    card.row = row;
    card.element.querySelector(".offer-name").textContent = row.group_name ?? "";
    card.element.querySelector(".offer-words").textContent = row.last?.excerpt ?? "";
    this.tick();
  }

  tick() {
    const { offer, element, row } = this.card;
    const now = this.clock.Date.now();
    const left = offer.ends - now;
    if (left < -OVERDUE) {
      this.offers.delete(offer.group);
      return this.show();
    }
    element.querySelector(".offer-seconds").textContent = Math.max(0, Math.ceil(left / 1000));
    element.querySelector(".offer-left").setAttribute("stroke-dashoffset", 100 - share(left, offer.whole));
    const others = this.offers.size - 1;
    const more = element.querySelector(".offer-more");
    const words = others ? text("offer_more", { n: others }) : "";
    // Unchanged text is not set again: a screen reader would repeat it.
    if (more.textContent !== words) more.textContent = words;
    if (row?.waiting_since) {
      element.querySelector(".offer-wait").textContent = text("offer_wait", { time: waited(now - Date.parse(row.waiting_since)) });
    }
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.tick(), BEAT);
  }

  // Accepts or declines the offer that is shown. Nothing changes here until the server says so.
  answer(which) {
    const { group } = this.card.offer;
    const accepts = which === "accept";
    if (!this.send({ type: accepts ? "conversation.claim" : "offer.decline", group })) return this.notify("offer_offline");
    if (accepts) this.open(group);
  }
}

// The part of the time that is left, from 0 to 100.
function share(left, whole) {
  return whole ? Math.min(100, Math.max(0, (100 * left) / whole)) : 0;
}
