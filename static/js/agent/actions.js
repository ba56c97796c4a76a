// What one does to the open conversation beside writing in it: the buttons in its head and the
// menu beside them. They are plain forms; here they go by the socket, in the order of what was
// sent before, or by HTTP while it is down.

import { Held } from "./quarantine.js";
import { getJson } from "../connection/http.js";
import { Labels } from "./labels.js";
import { text } from "../shared/text.js";

// What one who waits is told, and after how long.
const WAITS = { act_slow: 1_500, act_lost: 10_000 };

export class Actions {
  // root: the conversation's head. send(frame): false while there is no socket. post(group,
  // fields): the way by HTTP, a promise. load(): a promise of {members, teams}. labels: what Labels
  // takes. onFailure(code, facts). onWait(key): words for one who waits. onCalm(keys): none of these
  // is true any more. undo: what Undo takes.
  constructor({ root, me, manager, send, post, load, labels, onFailure, onWait, onCalm, undo }) {
    this.labels = new Labels({ ...labels, act: (fields) => this.act(fields) });
    this.held = new Held({ root: labels.root, act: (fields) => this.act(fields) });
    Object.assign(this, { root, me, manager, send, post, load, onFailure, onWait, onCalm, group: null, known: {} });
    this.undo = { ...undo, me, act: (fields, of) => this.hand(fields, of) };
    Object.assign(this, { asked: null, waiting: [] });
    this.menu = root.querySelector(".menu");
    this.closing = root.querySelector(".closing");
    root.addEventListener("submit", (event) => this.submitted(event));
    this.menu.addEventListener("toggle", () => this.menu.open && (this.fill(), this.labels.mornings()));
    this.closing.querySelector("summary").addEventListener("click", (event) => {
      if (this.closing.open) return;
      event.preventDefault();
      unfold(this.closing);
    });
    this.closing.addEventListener("focusin", () => this.offer(), { once: true });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.sheets.length) return;
      event.preventDefault();
      this.close(true);
    });
    document.addEventListener("click", ({ target }) => this.close(false, target));
  }

  // What is unfolded.
  get sheets() {
    return [this.menu, this.closing].filter(({ open }) => open);
  }

  // Another conversation: nothing of the last one stays in the fields.
  use(group) {
    if (group === this.group) return;
    this.group = group;
    this.answered();
    for (const form of this.root.querySelectorAll("form.act")) form.reset();
    for (const part of this.menu.querySelectorAll("details")) part.open = false;
    this.close();
  }

  // facts: of the conversation; members: who sits there.
  show(facts, members) {
    this.known = { ...this.known, ...facts, members };
    const { open, claimed_by: holder } = this.known;
    const own = members.find(({ member }) => member === this.me);
    const leads = this.manager || Boolean(own?.leader);
    const free = !holder || holder === this.me;
    const part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    part("claim").hidden = !own || !open || Boolean(holder);
    part("take_over").hidden = !own || !open || free || !leads;
    part("release").hidden = !holder || (holder !== this.me && !leads);
    part("close").hidden = part("close-with").hidden = !open;
    const closing = this.closing.querySelector("form");
    closing.toggleAttribute("data-asks", !free);
    if (!open) closing.reset();
    if (!free) closing.querySelector("#close-ask").textContent = text("close_ask", { name: this.known.claimed_name ?? "…" });
    part("reopen").hidden = Boolean(open);
    for (const name of ["transfer-member", "transfer-team"]) part(name).hidden = !open || !(free || leads);
    part("remove").hidden = !leads;
    part("leave").hidden = !own;
    this.labels.show(this.known);
    this.held.show(this.known);
    this.offers?.look(this.group, this.known);
    if (this.asked) this.told();
    // The button one has just pressed went away, here or by a colleague's hand.
    if (this.root.contains(document.activeElement) && document.activeElement.closest("[hidden]")) this.menu.querySelector("summary").focus();
    this.choices("remove", members.map(({ member, name }) => [member, name]));
  }

  // Who may be chosen, as it is now: the page may have been open for hours.
  async fill() {
    try {
      const { members, teams } = await this.load();
      const label = ({ name, state }, kind = "member") => (state === "online" ? name : text(`${kind}_${state}`, { name }));
      const seated = new Set((this.known.members ?? []).map(({ member }) => member));
      const others = members.filter(({ member }) => !seated.has(member));
      this.choices("invite", others.map((one) => [one.member, label(one)]));
      this.choices(
        "transfer-member",
        members.filter(({ member }) => member !== this.known.claimed_by && member !== this.me).map((one) => [one.member, label(one), one.state]),
      );
      this.choices(
        "transfer-team",
        teams.filter(({ team }) => team !== this.known.team).map((one) => [one.team, label(one, "team"), one.state]),
      );
    } catch {
      // What the page came with stays.
    }
  }

  choices(name, pairs) {
    const select = this.root.querySelector(`[data-part="${name}"] select`);
    const before = select.value;
    const options = pairs.map(([value, label, state = ""]) => {
      const option = new Option(label, value);
      option.dataset.state = state;
      return option;
    });
    select.replaceChildren(select.options[0], ...options);
    select.value = pairs.some(([value]) => value === before) ? before : "";
  }

  async submitted(event) {
    event.preventDefault();
    const form = event.target;
    // One who holds it is not passed over by a single press.
    if (form.dataset.part === "close" && this.closing.querySelector("[data-asks]")) return unfold(this.closing);
    const fields = Object.fromEntries([...new FormData(form, event.submitter)].filter(([, value]) => value));
    // What was written of a closing stays until it is closed.
    if (!this.closing.contains(form)) form.reset();
    this.close(true);
    await this.act(fields);
  }

  // fields: those of a form.
  async act({ csrfmiddlewaretoken, ...fields }) {
    this.answered();
    // The way back is from the last action only.
    this.offers?.clear();
    this.asked = { fields, group: this.group, before: this.known };
    this.waiting = Object.entries(WAITS).map(([key, after]) => setTimeout(() => this.onWait(key), after));
    await this.hand(fields, this.group);
  }

  // By whichever way is open.
  async hand(fields, group) {
    const { action, take_over: takeOver, minutes, ...rest } = fields;
    const frame = { type: `conversation.${action}`, group, ...rest };
    if (takeOver) frame.take_over = true;
    if (minutes) frame.minutes = Number(minutes);
    if (this.send(frame)) return;
    try {
      await this.post(group, fields);
      this.calm();
    } catch (failure) {
      this.answered();
      this.onFailure(failure.code, failure.facts);
    }
  }

  // Nothing is waited for any more: it was done, or refused, or another conversation is open.
  answered() {
    this.calm();
    this.asked = null;
  }

  calm() {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting = [];
    this.onCalm(Object.keys(WAITS));
  }

  // The server said something of this conversation. Once what was asked for is done, the way back
  // is offered.
  async told() {
    const { asked } = this;
    this.calm();
    const { Undo } = await import("./undo.js");
    this.offers ??= new Undo(this.undo);
    if (asked === this.asked && this.offers.offer(asked, this.known)) this.answered();
  }

  // Beside the common ones those that colleagues gave lately, in the enterprise's own words.
  async offer() {
    const list = this.closing.querySelector("datalist");
    const common = [...list.options];
    const { reasons } = await getJson(list.dataset.url).catch(() => ({ reasons: [] }));
    const own = reasons.filter((reason) => common.every(({ value }) => value !== reason));
    list.replaceChildren(...own.map((reason) => new Option(reason, reason)), ...common);
  }

  // But for the one that was clicked into.
  close(back = false, target = null) {
    for (const sheet of this.sheets) {
      if (sheet.contains(target)) continue;
      sheet.open = false;
      if (back) sheet.querySelector("summary").focus();
    }
  }
}

// Into its first field at once: its "toggle" comes later, and what was typed by then would be lost.
export function unfold(details) {
  details.open = true;
  details.querySelector('input:not([type="hidden"]), select, button').focus();
}
