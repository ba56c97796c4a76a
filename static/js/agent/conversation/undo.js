// Offers to undo an action for some seconds once it is known to be done. The buttons in the head
// can do the same at any time. Loaded with the first action.

import { stylesheet } from "../../shared/styles.js";
import { text } from "../../shared/text.js";

const OFFERED = 8_000;

// The steps that undo an action on a conversation that was as `before`. action: its form's fields.
// Returns a list of forms' fields in order; empty where it cannot be undone.
export function wayBack({ action, tag, take_over: takeOver }, before, me) {
  const mine = before.claimed_by === me;
  if (action === "claim" && !takeOver && !before.claimed_by) return [{ action: "release" }];
  if (action === "release" && mine) return [{ action: "claim" }];
  if (action === "close" && before.open) return [{ action: "reopen" }, ...(mine ? [{ action: "claim" }] : [])];
  if (action === "snooze" && !before.snoozed_until) return [{ action: "wake" }];
  if (action === "untag") return [{ action: "tag", tag }];
  if (action === "spam" && before.quarantined) return [{ action: "not_spam" }];
  return [];
}

// Whether the conversation, now as `known`, has become what the action makes of it.
export function isDone({ action, tag, member, team }, known, me) {
  if (action === "claim") return known.claimed_by === me;
  if (action === "release") return !known.claimed_by;
  if (action === "close" || action === "spam") return !known.open;
  if (action === "not_spam") return !known.quarantined;
  if (action === "snooze") return Boolean(known.snoozed_until);
  if (action === "transfer") return member ? known.claimed_by === member : known.team === team;
  return action === "untag" && !known.tags?.includes(tag);
}

export class Undo {
  // root: the live region, empty while nothing is offered. act(fields, group): returns a promise.
  // onLeft(): called when the element with the focus was removed. onBack(group): the action on this
  // conversation was undone.
  constructor({ root, me, act, onLeft, onBack = () => {}, clock = globalThis }) {
    Object.assign(this, { root, me, act, onLeft, onBack, clock, timer: null, offered: null });
    this.template = document.querySelector("#undo-template");
    this.styles = stylesheet(this.template.dataset.css);
    // The offer stays while the pointer is on it or it has the focus.
    for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, () => this.clock.clearTimeout(this.timer));
    for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => this.later());
  }

  // Offers to undo the action; of a transfer, whose conversation leaves the page, only says that it
  // is done. Returns whether the action is done, so that nothing need be waited for.
  offer({ fields, group, before }, known) {
    if (!isDone(fields, known, this.me)) return false;
    const steps = wayBack(fields, before, this.me);
    if (fields.action === "transfer") this.tell(text("done_transfer"));
    if (!steps.length) return true;
    this.offered = { fields, group };
    this.show(text(`done_${fields.action}`, { name: before.group_name ?? "", tag: fields.tag }), () => this.back(steps, group));
    return true;
  }

  // Says these words, and offers a way back if there is one.
  tell(words, onUndo) {
    this.offered = {};
    const back = () => {
      this.clear();
      onUndo();
    };
    this.show(words, onUndo && back);
  }

  // Withdraws the offer once a colleague has undone the action, or the visitor by writing.
  look(group, known) {
    if (this.offered?.group === group && !isDone(this.offered.fields, known, this.me)) this.clear();
  }

  async show(words, onUndo) {
    const { offered } = this;
    await this.styles;
    if (offered !== this.offered) return;
    const toast = this.template.content.firstElementChild.cloneNode(true);
    toast.querySelector("span").textContent = words;
    if (onUndo) toast.querySelector(".undo").addEventListener("click", onUndo);
    else toast.querySelector(".undo").remove();
    toast.querySelector(".dismiss").addEventListener("click", () => this.clear());
    this.root.replaceChildren(toast);
    this.later();
  }

  later() {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.clear(), OFFERED);
  }

  clear() {
    this.offered = null;
    this.clock.clearTimeout(this.timer);
    const within = this.root.contains(document.activeElement);
    this.root.replaceChildren();
    if (within) this.onLeft();
  }

  async back(steps, group) {
    this.clear();
    for (const fields of steps) await this.act(fields, group);
    this.onBack(group);
  }
}
