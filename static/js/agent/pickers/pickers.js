// What opens below the buttons "Transfer", "Invite" and "Snooze", and in the bar of several
// conversations: a list with faces, presence and load, or with times. The forms in the menu do the
// same without scripts. Loaded when first opened.

import { personFace } from "../avatar.js";
import { best, part } from "./choice_list.js";
import { clone, Picker } from "./picker.js";
import { minutesUntil, snoozeTimes } from "./snooze_times.js";
import { plural, text } from "../../shared/text.js";

// Milliseconds for which keys are kept for a list (shortcuts.js).
const PATIENCE = 1_000;
const GONE = ["offline", "closed"];
// What is searched in each list.
const SEARCHED = { transfer: "pick_colleague", invite: "pick_member", member: "pick_member", team: "pick_team" };

export class Pickers {
  // me: the agent's uuid. known(): facts of the open conversation. load(): a promise of {members,
  // teams}. lengths: the options of the snooze without scripts. act(fields). onChosen(one): a team
  // or a colleague was chosen for several conversations.
  constructor({ me, known = () => ({}), load, lengths, act, onChosen }) {
    Object.assign(this, { me, known, load, lengths, act, onChosen, picker: null });
  }

  // picks: what is chosen. place: what the list stands behind.
  async toggle(button, picks = button.dataset.picks, place = button) {
    const { picker } = this;
    this.close();
    if (picker?.button === button) return;
    await Picker.styles();
    if (picks === "snooze") this.snooze(button);
    else await this.choose(button, picks, place);
  }

  close() {
    this.picker?.close();
  }

  show(button, options) {
    this.picker = new Picker(button, { ...options, onClose: () => (this.picker = null) });
    return this.picker;
  }

  async choose(button, picks, place) {
    const picker = this.show(button, {
      place,
      name: button.textContent.trim() || text(SEARCHED[picks]),
      placeholder: text(SEARCHED[picks]),
      nothing: text("palette_none"),
      draw: (one) => this.person(one),
      onChoose: (one) => this.chosen(picker, picks, one),
    });
    const none = picker.root.querySelector("[role=status]");
    none.textContent = text("loading");
    picker.open();
    // An Enter that was pressed early chooses. A server that does not answer must not take the
    // keyboard away for longer.
    await Promise.race([this.fill(picker, picks, none), new Promise((done) => setTimeout(done, PATIENCE))]);
  }

  // Shows what can be chosen once it has come. none: the line that says that it is loading.
  async fill(picker, picks, none) {
    const found = await this.load().catch(() => null);
    if (!found) return (none.textContent = text("refused_other"));
    const { members, teams } = this.possible(picks, found);
    const [here, gone] = [false, true].map((isGone) => members.filter(({ state }) => GONE.includes(state) === isGone));
    // The first one is marked, so nobody who is offline stands above those who can answer.
    picker.onChange = () => {
      const { value } = picker.field;
      picker.list.show([
        [text("calls"), best(here, value, Infinity)],
        [text("pick_teams"), best(teams, value, Infinity)],
        [text("offline"), best(gone, value, Infinity)],
      ]);
    };
    picker.onChange();
  }

  // Who can be chosen now.
  possible(picks, { members, teams }) {
    const { claimed_by: holder, team: own, members: seated = [] } = this.known();
    if (picks === "team") return { members: [], teams };
    if (picks === "member") return { members, teams: [] };
    if (picks === "invite") return { members: members.filter(({ member }) => seated.every((one) => one.member !== member)), teams: [] };
    return { members: members.filter(({ member }) => member !== holder && member !== this.me), teams: teams.filter(({ team }) => team !== own) };
  }

  chosen(picker, picks, one) {
    if (picks === "transfer") return this.confirm(picker, one);
    picker.close(true);
    if (picks === "invite") this.act({ action: "invite", member: one.member });
    else this.onChosen(one);
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
    const away = GONE.includes(one.state);
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
    if (away) note.setAttribute("aria-describedby", `warning-${kind}`);
    note.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      form.querySelector(".primary").click();
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
