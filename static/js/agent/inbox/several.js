// Several conversations of the list at once: rows are selected, and a bar in place of the views
// closes them or hands them on. For leaders, supervisors and managers; loaded with the page of those.

import { Pickers } from "../pickers/pickers.js";
import { postForm } from "../../connection/http.js";
import { stylesheet } from "../../shared/styles.js";
import { has, plural, text } from "../../shared/text.js";

// The server takes no more in one request.
const MOST = 100;

export class Several {
  // root: the inbox. inbox: its Inbox. url: where the server acts on several. me: the agent's uuid.
  // load(): a promise of {members, teams}. tell(words, onUndo): shows what was done. onFailure(failure).
  static async load(options) {
    await stylesheet(options.root.querySelector(".several").dataset.css);
    return new Several(options);
  }

  constructor({ root, inbox, url, me, load, tell, onFailure }) {
    Object.assign(this, { root, inbox, url, me, tell, onFailure, anchor: null, tapping: false, asked: null, busy: false });
    this.bar = root.querySelector(".several");
    this.find = (selector) => this.bar.querySelector(selector);
    this.start = root.querySelector(".pick-rows");
    this.start.hidden = false;
    this.start.addEventListener("click", () => this.begin());
    inbox.onDropped = () => this.show();
    inbox.list.addEventListener("click", (event) => this.clicked(event), true);
    // Before what else Escape does; a list that is open below a button comes first.
    document.addEventListener("keydown", (event) => this.pressed(event), true);
    this.find(".several-end").addEventListener("click", () => this.end());
    this.find('[data-act="close"]').addEventListener("click", () => this.ask({ action: "close" }));
    this.pickers = new Pickers({ me, load, onChosen: (one) => this.ask({ action: "transfer", ...one }) });
    for (const button of this.bar.querySelectorAll("[data-picks]")) button.addEventListener("click", () => this.pickers.toggle(button));
    this.find(".several-sure").addEventListener("click", () => this.act());
    this.find(".several-no").addEventListener("click", () => this.show());
    // What was ticked while this was loading.
    const ticked = [...inbox.list.querySelectorAll(".row-pick :checked")].map(({ value }) => value);
    if (ticked.length) this.pick(ticked, true);
  }

  get groups() {
    return this.inbox.shown.map(({ group }) => group).filter((group) => this.inbox.picked.has(group));
  }

  // On a phone: taps select rows from now on.
  begin() {
    this.tapping = true;
    this.show();
    this.find(".several-end").focus();
  }

  clicked(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const { group } = row.dataset;
    const box = event.target.closest(".row-pick");
    const range = event.shiftKey && this.inbox.picked.size > 0;
    if (!box && !range && !this.tapping) return;
    event.stopPropagation();
    // A label's click is followed by that of its field.
    if (box && event.target.tagName !== "INPUT") return;
    if (!box) event.preventDefault();
    const picked = box ? event.target.checked : range || !this.inbox.picked.has(group);
    this.pick(range && picked ? this.between(this.anchor, group) : [group], picked);
    this.anchor = group;
  }

  // The rows from one to the other, in the order of the list.
  between(one, other) {
    const groups = this.inbox.shown.map(({ group }) => group);
    const [from, to] = [groups.indexOf(one), groups.indexOf(other)].sort((a, b) => a - b);
    return from < 0 ? [other] : groups.slice(from, to + 1);
  }

  pick(groups, picked) {
    const room = MOST - this.inbox.picked.size;
    const fresh = groups.filter((group) => this.inbox.picked.has(group) !== picked);
    this.inbox.pick(picked ? fresh.slice(0, room) : fresh, picked);
    // A row over the number was ticked by the browser.
    this.inbox.pick(fresh.slice(picked ? room : fresh.length), false);
    this.show();
  }

  pressed(event) {
    if (event.key !== "Escape" || this.bar.hidden || event.isComposing || event.keyCode === 229) return;
    if (event.target.closest(".picker, dialog") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.asked) this.show();
    else this.end();
  }

  end() {
    this.tapping = false;
    this.inbox.pick([...this.inbox.picked], false);
    this.show();
  }

  // The bar as it is at first: how many are selected, and what can be done with them.
  show(left = []) {
    const number = this.inbox.picked.size;
    const shown = number > 0 || this.tapping || left.length > 0;
    const within = this.bar.contains(document.activeElement);
    this.asked = null;
    this.pickers.close();
    this.bar.hidden = !shown;
    this.root.toggleAttribute("data-picking", shown);
    this.root.toggleAttribute("data-tapping", this.tapping);
    this.find("[role=status]").textContent = number === MOST ? text("several_most", { n: MOST }) : plural("several", number);
    for (const button of this.find(".several-acts").querySelectorAll("button")) button.disabled = !number;
    this.find(".several-acts").hidden = false;
    this.find(".several-asks").hidden = true;
    const list = this.find(".several-left");
    list.hidden = !left.length;
    list.replaceChildren(...left);
    if (within && !document.activeElement.getClientRects().length) this.leave();
  }

  // The element with the focus went away.
  leave() {
    const place = this.bar.hidden ? (this.inbox.list.querySelector("a[aria-current]") ?? this.inbox.list.querySelector("a")) : this.find(".several-end");
    place?.focus({ preventScroll: true });
  }

  // The second step, which names the number. fields: those of the form, with the receiver's name
  // and state.
  ask(fields) {
    this.pickers.close();
    const { action, name, state, team } = fields;
    const number = this.inbox.picked.size;
    this.asked = fields;
    this.find(".several-acts").hidden = true;
    this.find(".several-asks").hidden = false;
    this.find(".several-left").hidden = true;
    this.find(".several-question").textContent = plural(action === "close" ? "several_close" : "several_hand", number, { name });
    const warning = this.find(".several-warning");
    warning.hidden = !["offline", "closed"].includes(state);
    if (!warning.hidden) warning.textContent = text(team ? "several_team_away" : "several_member_away");
    const sure = this.find(".several-sure");
    sure.textContent = plural(action === "close" ? "several_do_close" : "several_do_hand", number);
    sure.focus();
  }

  async act() {
    if (!this.asked || this.busy) return;
    const { action, name, team, member } = this.asked;
    const { groups } = this;
    const before = new Map(groups.map((group) => [group, { ...this.inbox.rows.get(group) }]));
    this.busy = true;
    try {
      const { done, refused } = await this.post({ action, ...(team && { team }), ...(member && { member }) }, groups);
      this.tapping = false;
      this.inbox.pick(groups, false);
      // Those that were refused stay selected, where they are still in the list.
      const still = new Set(this.inbox.shown.map(({ group }) => group));
      this.inbox.pick(refused.map(({ group }) => group).filter((group) => still.has(group)), true);
      this.show(refused.map((one) => this.line(one, before.get(one.group))));
      if (done.length) this.tell(plural(action === "close" ? "several_closed" : "several_handed", done.length, { name }), action === "close" ? () => this.undo(done, before) : null);
    } catch (failure) {
      this.onFailure(failure);
      this.show([this.line({ why: has(`refused_${failure.code}`) ? text(`refused_${failure.code}`, { name: "…" }) : text("refused_other") })]);
    } finally {
      this.busy = false;
    }
  }

  line({ why }, row) {
    const line = document.querySelector("#several-left-template").content.firstElementChild.cloneNode(true);
    line.querySelector("b").textContent = row?.group_name ?? "";
    line.querySelector("span").textContent = why;
    return line;
  }

  post(fields, groups) {
    return postForm(this.url, [...Object.entries(fields), ...groups.map((group) => ["group", group])]);
  }

  // Opens them again, and gives each back to who held it.
  async undo(groups, before) {
    try {
      const { done } = await this.post({ action: "reopen" }, groups);
      for (const [holder, theirs] of byHolder(done, before)) {
        if (holder) await this.post(holder === this.me ? { action: "claim" } : { action: "transfer", member: holder }, theirs);
      }
    } catch (failure) {
      this.onFailure(failure);
      this.show([this.line({ why: text("refused_other") })]);
    }
  }
}

// The groups by who held them.
function byHolder(groups, before) {
  const found = new Map();
  for (const group of groups) {
    const holder = before.get(group).claimed_by;
    found.set(holder, [...(found.get(holder) ?? []), group]);
  }
  return found;
}
