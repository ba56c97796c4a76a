// What opens below the buttons "Transfer" and "Snooze": a list with faces, presence and load, or
// with times. The forms in the menu do the same without scripts. Loaded when first opened.

import { personFace } from "./avatar.js";
import { best, part } from "./choice_list.js";
import { clone, Picker } from "./picker.js";
import { minutesUntil, snoozeTimes } from "./snooze_times.js";
import { plural, text } from "../shared/text.js";

const ORDER = ["online", "busy", "away", "offline", "closed"];

export class Pickers {
  // me: the agent's uuid. known(): facts of the open conversation. load(): a promise of {members,
  // teams}. lengths: the options of the snooze without scripts. act(fields).
  constructor({ me, known, load, lengths, act }) {
    Object.assign(this, { me, known, load, lengths, act, picker: null });
  }

  async toggle(button) {
    const { picker } = this;
    this.close();
    if (picker?.button === button) return;
    await Picker.styles();
    if (button.dataset.picks === "snooze") this.snooze(button);
    else await this.handOn(button);
  }

  close() {
    this.picker?.close();
  }

  show(button, options) {
    this.picker = new Picker(button, { ...options, onClose: () => (this.picker = null) });
    return this.picker;
  }

  async handOn(button) {
    const picker = this.show(button, {
      name: button.textContent.trim(),
      placeholder: text("pick_colleague"),
      nothing: text("palette_none"),
      draw: (one) => this.person(one),
      onChoose: (one) => this.confirm(picker, one),
    });
    const none = picker.root.querySelector("[role=status]");
    none.textContent = text("loading");
    picker.open();
    const found = await this.load().catch(() => null);
    if (!found) return (none.textContent = text("refused_other"));
    const { claimed_by: holder, team } = this.known();
    const rank = ({ state, claimed = 0 }) => ORDER.indexOf(state) * 100_000 + claimed;
    const members = found.members.filter(({ member }) => member !== holder && member !== this.me).sort((one, other) => rank(one) - rank(other));
    const teams = found.teams.filter((one) => one.team !== team);
    picker.onChange = () => {
      const { value } = picker.field;
      picker.list.show([
        [text("calls"), best(members, value, Infinity)],
        [text("pick_teams"), best(teams, value, Infinity)],
      ]);
    };
    picker.onChange();
  }

  // The face, name, presence and load of a colleague, or a team.
  person({ member, name, avatar, state, claimed }) {
    const words = part("span", "", { className: "words" });
    const state_text = text(member ? state : `pick_team_${state}`);
    const load = claimed === undefined ? "" : ` · ${plural("pick_load", claimed)}`;
    words.append(part("b", name, { dir: "auto" }), part("span", `${state_text}${load}`, { className: "help" }));
    const face = personFace({ uuid: member ?? name, name, avatar, state });
    if (!member) face.querySelector(".dot").remove();
    return [face, words];
  }

  // The second step, since a transfer cannot be undone: who gets it, and a note for them.
  confirm(picker, one) {
    const form = clone("#hand-on-template");
    const kind = one.member ? "member" : "team";
    const away = ["offline", "closed"].includes(one.state);
    form.querySelector(".whom").append(...this.person(one));
    for (const line of form.querySelectorAll("[data-kind]")) line.hidden = line.dataset.kind !== kind || (line.matches(".warning") && !away);
    form.querySelector(".if-free").hidden = away;
    form.querySelector(".if-away").hidden = !away;
    const parts = [...picker.root.children];
    form.querySelector(".again").addEventListener("click", () => {
      picker.root.replaceChildren(...parts);
      picker.focus.focus();
    });
    const note = form.querySelector("textarea");
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      picker.close(true);
      this.act({ action: "transfer", [kind]: one[kind], ...(note.value.trim() && { note: note.value }) });
    });
    // Before the list goes: the focus that it has must not leave the window.
    picker.root.append(form);
    note.focus();
    picker.root.replaceChildren(form);
    note.focus();
  }

  snooze(button) {
    const done = (minutes) => {
      picker.close(true);
      this.act({ action: "snooze", minutes: String(minutes) });
    };
    const picker = this.show(button, {
      name: button.textContent.trim(),
      nothing: "",
      draw: ({ name, until }) => [part("span", name, { className: "words" }), part("span", until, { className: "help" })],
      onChoose: ({ minutes }) => done(minutes),
    });
    picker.list.show([["", snoozeTimes(this.lengths)]]);
    const own = clone("#own-time-template");
    const field = own.querySelector("input");
    own.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      const minutes = minutesUntil(new Date(field.value));
      own.querySelector(".field-error").hidden = Boolean(minutes);
      field.ariaInvalid = String(!minutes);
      if (minutes) done(minutes);
      else field.focus();
    });
    picker.root.append(own);
    picker.open();
  }
}
