// The way back from an action, offered for some seconds once the action is known to be done. Loaded
// with the first one. What it does can be done by the head's buttons, too, and at any time.

import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";

const OFFERED = 8_000;

// What undoes an action (its form's fields) on a conversation that was as `before`: forms' fields,
// in their order; none where there is no way back, or another one.
export function wayBack({ action, tag, take_over: takeOver }, before, me) {
  const held = before.claimed_by === me;
  if (action === "claim" && !takeOver && !before.claimed_by) return [{ action: "release" }];
  if (action === "release" && held) return [{ action: "claim" }];
  if (action === "close" && before.open) return [{ action: "reopen" }, ...(held ? [{ action: "claim" }] : [])];
  if (action === "snooze" && !before.snoozed_until) return [{ action: "wake" }];
  if (action === "untag") return [{ action: "tag", tag }];
  if (action === "spam" && before.held) return [{ action: "not_spam" }];
  return [];
}

// Whether the conversation, now as `known`, has become what the action makes of it.
export function isDone({ action, tag }, known, me) {
  if (action === "claim") return known.claimed_by === me;
  if (action === "release") return !known.claimed_by;
  if (action === "close" || action === "spam") return !known.open;
  if (action === "not_spam") return !known.held;
  if (action === "snooze") return Boolean(known.snoozed_until);
  return action === "untag" && !known.tags?.includes(tag);
}

export class Undo {
  // root: the live region, empty while nothing is offered. act(fields, group): a promise.
  // onLeft(): the focus was on what goes.
  constructor({ root, me, act, onLeft, clock = globalThis }) {
    Object.assign(this, { root, me, act, onLeft, clock, timer: null, offered: null });
    this.template = document.querySelector("#undo-template");
    this.styles = stylesheet(this.template.dataset.css);
    // Nothing goes from under a pointer or the focus.
    for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, () => this.clock.clearTimeout(this.timer));
    for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => this.later());
  }

  // Whether it was done, so that nothing need be waited for any more.
  offer({ fields, group, before }, known) {
    if (!isDone(fields, known, this.me)) return false;
    const steps = wayBack(fields, before, this.me);
    if (!steps.length) return true;
    this.offered = { fields, group };
    this.show(text(`done_${fields.action}`, { name: before.group_name ?? "", tag: fields.tag }), () => this.back(steps, group));
    return true;
  }

  // Of what somebody has undone meanwhile, or the visitor by writing, there is no way back.
  look(group, known) {
    if (this.offered?.group === group && !isDone(this.offered.fields, known, this.me)) this.clear();
  }

  async show(words, onUndo) {
    const { offered } = this;
    await this.styles;
    if (offered !== this.offered) return;
    const toast = this.template.content.firstElementChild.cloneNode(true);
    toast.querySelector("span").textContent = words;
    toast.querySelector(".undo").addEventListener("click", onUndo);
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
  }
}
