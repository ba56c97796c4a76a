// The command palette: finds actions, views and conversations by a few letters. It is a list below
// a field that keeps the focus. Loaded when it is first opened.

import { keyCap } from "./shortcut_sheet.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";

const MOST = 8;
const PAUSE = 250;

// How well `words` match a name: 0 at its beginning, 1 at the beginning of a word, 2 elsewhere, 3
// as letters in this order, null not at all. Chinese has no word boundaries, so 2 is the best there
// after 0.
export function fit(name, words) {
  const all = name.toLowerCase();
  const wanted = words.trim().toLowerCase();
  const at = all.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return new RegExp(String.raw`(^|[^\p{L}\p{N}])$`, "u").test(all.slice(0, at)) ? 1 : 2;
  let from = 0;
  for (const letter of wanted.replace(/\s+/gu, "")) {
    from = all.indexOf(letter, from) + 1;
    if (!from) return null;
  }
  return 3;
}

// The choices that match, the best first, at most `most` of them.
export function best(choices, words, most) {
  return choices
    .map((choice) => [fit(choice.name, words), choice])
    .filter(([how]) => how !== null)
    .sort(([one], [other]) => one - other)
    .slice(0, most)
    .map(([, choice]) => choice);
}

export class CommandPalette {
  // shortcuts: the page's Shortcuts. Returns a promise, since without its styles the dialog would
  // jump.
  static async load(shortcuts) {
    await stylesheet(document.querySelector("#palette-template").dataset.css);
    return new CommandPalette(shortcuts);
  }

  constructor(shortcuts, clock = globalThis) {
    Object.assign(this, { shortcuts, clock, shown: [], marked: 0, found: [], timer: null });
    const template = document.querySelector("#palette-template");
    this.dialog = template.content.firstElementChild.cloneNode(true);
    this.field = this.dialog.querySelector("input");
    this.list = this.dialog.querySelector("[role=listbox]");
    this.none = this.dialog.querySelector("[role=status]");
    document.body.append(this.dialog);
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.at));
    });
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.clock.clearTimeout(this.timer));
  }

  open() {
    const { shortcuts } = this;
    // The possible actions are collected before the dialog covers their controls.
    this.actions = shortcuts.actions().map((entry) => ({ name: shortcuts.label(entry), keys: entry.keys, choose: () => shortcuts.act(entry) }));
    this.views = shortcuts.views().map((link, at) => ({ name: link.textContent.trim(), keys: [String(at + 1)], choose: () => link.click() }));
    this.rows = shortcuts.rows().map((row) => this.conversation(row));
    this.found = [];
    this.field.value = "";
    this.dialog.showModal();
    this.show();
  }

  conversation({ group, group_name: name = "" }) {
    return { group, name, choose: () => this.shortcuts.goTo(group) };
  }

  changed() {
    this.found = [];
    this.show();
    this.clock.clearTimeout(this.timer);
    if (this.field.value.trim()) this.timer = this.clock.setTimeout(() => this.look(), PAUSE);
  }

  // The page knows the newest rows; the server finds all others.
  async look() {
    const words = this.field.value;
    const rows = await this.shortcuts.look(words.trim()).catch(() => []);
    if (words !== this.field.value || !this.dialog.open) return;
    const known = new Set(this.rows.map(({ group }) => group));
    this.found = rows.filter(({ group }) => !known.has(group)).map((row) => this.conversation(row));
    this.show(this.marked);
  }

  show(marked = 0) {
    const words = this.field.value;
    const sections = {
      palette_actions: best(this.actions, words, words.trim() ? MOST : Infinity),
      palette_views: best(this.views, words, MOST),
      palette_conversations: [...best(this.rows, words, MOST), ...this.found].slice(0, MOST),
    };
    this.shown = Object.values(sections).flat();
    let at = 0;
    this.list.replaceChildren(
      ...Object.entries(sections)
        .filter(([, choices]) => choices.length)
        .map(([key, choices]) => this.section(text(key), choices.map((choice) => this.option(choice, at++)))),
    );
    this.none.textContent = this.shown.length ? "" : text("palette_none");
    this.mark(Math.min(marked, this.shown.length - 1));
  }

  section(name, options) {
    const section = part("div", "");
    section.role = "group";
    section.ariaLabel = name;
    const title = part("p", name);
    title.ariaHidden = "true";
    section.append(title, ...options);
    return section;
  }

  option({ name, keys }, at) {
    const option = part("div", "");
    Object.assign(option, { id: `choice-${at}`, role: "option" });
    option.dataset.at = at;
    const words = part("span", name);
    words.dir = "auto";
    option.append(words);
    if (keys && this.shortcuts.single) {
      const cap = keyCap(keys[0]);
      cap.ariaHidden = "true";
      option.append(cap);
    }
    return option;
  }

  mark(at) {
    this.marked = at;
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const marked = Number(option.dataset.at) === at;
      option.ariaSelected = String(marked);
      if (marked) option.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `choice-${at}`);
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { length } = this.shown;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: MOST, PageUp: -MOST };
    if (event.key === "Enter") this.choose(this.marked);
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) this.dialog.close();
    else if (Math.abs(steps[event.key]) === 1 && length) this.mark((this.marked + steps[event.key] + length) % length);
    else if (event.key in steps && length) this.mark(Math.max(0, Math.min(length - 1, this.marked + steps[event.key])));
    else return;
    event.preventDefault();
  }

  // Closing returns the focus to where it was; the chosen action may then move it.
  choose(at) {
    const choice = this.shown[at];
    if (!choice) return;
    this.dialog.close();
    choice.choose();
  }
}

function part(tag, words) {
  return Object.assign(document.createElement(tag), { textContent: words });
}
