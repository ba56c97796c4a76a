// What an agent can do with the open conversation besides writing in it: the buttons in its head
// and the menu beside them. They are plain forms; here they are sent by the socket, in the order of
// the other frames, or by HTTP while the socket is down.

import { getJson } from "../../connection/http.js";
import { Labels } from "./labels.js";
import { text } from "../../shared/text.js";

// The actions after which there is nothing more to do in the conversation.
const FINISHING = ["close", "snooze", "transfer"];
// The messages for an agent who waits for an answer, and after how many milliseconds each is shown.
const WAITS = { act_slow: 1_500, act_lost: 10_000 };

export class Actions {
  // root: the conversation's head. send(frame): returns false while there is no socket. post(group,
  // fields): sends by HTTP and returns a promise. load(): a promise of {members, teams}. labels:
  // the options of Labels. onFailure(code, facts). onWait(key): shows this message. onCalm(keys):
  // removes these messages. onFinished(group): the agent is done with this conversation. undo: the
  // options of Undo.
  constructor({ root, me, manager, send, post, load, labels, onFailure, onWait, onCalm, onFinished, undo }) {
    this.labels = new Labels({ ...labels, act: (fields) => this.act(fields) });
    Object.assign(this, { root, me, manager, send, post, load, onFailure, onWait, onCalm, onFinished, group: null, known: {} });
    this.undo = { ...undo, me, act: (fields, of) => this.hand(fields, of) };
    Object.assign(this, { asked: null, waiting: [] });
    this.menu = root.querySelector(".menu");
    this.closing = root.querySelector(".closing");
    // They stand for parts of the menu, which are for pages without scripts.
    for (const name of ["transfer-member", "transfer-team", "snooze", "invite"]) root.querySelector(`[data-part="${name}"]`).hidden = true;
    this.picking = labels.root.querySelectorAll(":is(.head-actions, .people) [data-picks]");
    for (const button of this.picking) button.addEventListener("click", () => this.pick(button));
    root.addEventListener("submit", (event) => this.submitted(event));
    this.menu.addEventListener("toggle", () => this.menu.open && this.pickers?.close());
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

  // The menus that are open.
  get sheets() {
    return [this.menu, this.closing].filter(({ open }) => open);
  }

  // Another conversation was opened: the forms and menus are reset.
  use(group) {
    if (group === this.group) return;
    this.group = group;
    this.answered();
    for (const form of this.root.querySelectorAll("form.act")) form.reset();
    for (const part of this.menu.querySelectorAll("details")) part.open = false;
    this.pickers?.close();
    this.close();
  }

  // Shows what is possible now. facts: those of the conversation; members: the agents who sit in
  // it.
  show(facts, members) {
    this.known = { ...this.known, ...facts, members };
    const { open, claimed_by: holder, bot } = this.known;
    const own = members.find(({ member }) => member === this.me);
    const leads = this.manager || Boolean(own?.leader);
    const free = !holder || holder === this.me;
    const part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    part("join").hidden = Boolean(own);
    part("claim").hidden = !own || !open || Boolean(holder);
    part("claim").querySelector("button").textContent = text(bot ? "claim_from_bot" : "claim");
    const held = own && open && !free;
    part("take_over").hidden = !held || !leads;
    part("held").hidden = !held || leads;
    part("release").hidden = !holder || (holder !== this.me && !leads);
    part("close").hidden = part("close-with").hidden = !open;
    const closing = this.closing.querySelector("form");
    closing.toggleAttribute("data-asks", !free);
    if (!open) closing.reset();
    if (!free) closing.querySelector("#close-ask").textContent = text("close_ask", { name: this.known.claimed_name ?? "…" });
    part("reopen").hidden = Boolean(open);
    const pickable = { snooze: open && !this.known.snoozed_until, transfer: open && (free || leads), invite: true };
    for (const button of this.picking) button.hidden = !pickable[button.dataset.picks];
    part("remove").hidden = !leads;
    part("leave").hidden = !own;
    this.labels.show(this.known);
    // The facts of another conversation come before `use` names it.
    const group = facts.group ?? this.group;
    this.undoOffer?.look(group, this.known);
    if (this.asked?.group === group) this.checkDone();
    // The button that has the focus was hidden, by this agent's action or a colleague's.
    if (document.activeElement.closest(".opened [hidden]")) this.menu.querySelector("summary").focus();
    this.choices("remove", members.map(({ member, name }) => [member, name]));
  }

  // Opens the list below a button, or closes it. That of a button in the menu stands behind the
  // menu, which is closed then.
  async pick(button) {
    const { Pickers } = await import("../pickers/pickers.js");
    this.pickers ??= new Pickers({
      me: this.me,
      known: () => this.known,
      load: this.load,
      lengths: [...this.menu.querySelectorAll("#snooze-minutes option")].map(({ value, text: name }) => [Number(value), name]),
      act: (fields) => this.act(fields),
    });
    if (!this.menu.contains(button)) return this.pickers.toggle(button);
    this.menu.open = false;
    await this.pickers.toggle(this.menu.querySelector("summary"), button.dataset.picks, this.menu);
  }

  choices(name, pairs) {
    const select = this.root.querySelector(`[data-part="${name}"] select`);
    const before = select.value;
    select.replaceChildren(select.options[0], ...pairs.map(([value, label]) => new Option(label, value)));
    select.value = pairs.some(([value]) => value === before) ? before : "";
  }

  async submitted(event) {
    event.preventDefault();
    const form = event.target;
    // A conversation that a colleague holds is not closed by a single press.
    if (form.dataset.part === "close" && this.closing.querySelector("[data-asks]")) return unfold(this.closing);
    const fields = Object.fromEntries([...new FormData(form, event.submitter)].filter(([, value]) => value));
    // The reason and the summary stay in the form until the conversation is closed.
    if (!this.closing.contains(form)) form.reset();
    this.close(true);
    await this.act(fields);
  }

  // fields: those of the form.
  async act({ csrfmiddlewaretoken, ...fields }) {
    this.answered();
    // Only the last action can be undone.
    this.undoOffer?.clear();
    this.asked = { fields, group: this.group, before: this.known };
    this.waiting = Object.entries(WAITS).map(([key, after]) => setTimeout(() => this.onWait(key), after));
    await this.hand(fields, this.group);
  }

  // Sends the action by the socket, or by HTTP while it is down.
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

  // Says what was done to several conversations. onUndo: the way back, or null.
  async tell(words, onUndo) {
    await this.needUndo();
    this.undoOffer.tell(words, onUndo);
  }

  // Stops waiting: the action was done or refused, or another conversation was opened.
  answered() {
    this.calm();
    this.asked = null;
  }

  calm() {
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting = [];
    this.onCalm(Object.keys(WAITS));
  }

  // The conversation changed. If the action that was sent is done, offers to undo it.
  async checkDone() {
    const { asked } = this;
    this.calm();
    await this.needUndo();
    if (asked === this.asked && this.undoOffer.offer(asked, this.known)) this.done();
  }

  async needUndo() {
    const { Undo } = await import("./undo.js");
    this.undoOffer ??= new Undo(this.undo);
  }

  // The action that was sent is done.
  done() {
    const { fields, group } = this.asked;
    this.answered();
    if (FINISHING.includes(fields.action)) this.onFinished(group);
  }

  // The agent sits in this conversation no more. Returns whether they have handed it on themselves.
  left(group) {
    const own = this.asked?.group === group && this.asked.fields.action === "transfer";
    if (own) this.done();
    return own;
  }

  // Adds the reasons that colleagues gave lately to the common ones.
  async offer() {
    const list = this.closing.querySelector("datalist");
    const common = [...list.options];
    const { reasons } = await getJson(list.dataset.url).catch(() => ({ reasons: [] }));
    const own = reasons.filter((reason) => common.every(({ value }) => value !== reason));
    list.replaceChildren(...own.map((reason) => new Option(reason, reason)), ...common);
  }

  // Closes the open menus, except the one that holds `target`. back: returns the focus to its
  // button.
  close(back = false, target = null) {
    for (const sheet of this.sheets) {
      if (sheet.contains(target)) continue;
      sheet.open = false;
      if (back) sheet.querySelector("summary").focus();
    }
  }
}

// Opens it and focuses its first field. Its `toggle` event comes too late: letters typed by then
// would be lost.
export function unfold(details) {
  details.open = true;
  details.querySelector('input:not([type="hidden"]), select, button').focus();
}
