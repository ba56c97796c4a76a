// The command palette: finds actions, views, conversations and articles by a few letters. It is a list below
// a field that keeps the focus. Loaded when it is first opened.

import { best, ChoiceList, part } from "../pickers/choice_list.js";
import { keyCap } from "./shortcut_sheet.js";
import { stylesheet } from "../../shared/styles.js";
import { text } from "../../shared/text.js";

const MOST = 8;
const PAUSE = 250;

export class CommandPalette {
  // shortcuts: the page's Shortcuts. Returns a promise, since without its styles the dialog would
  // jump.
  static async load(shortcuts) {
    await stylesheet(document.querySelector("#palette-template").dataset.css);
    return new CommandPalette(shortcuts);
  }

  constructor(shortcuts, clock = globalThis) {
    Object.assign(this, { shortcuts, clock, found: [], articles: [], timer: null });
    const template = document.querySelector("#palette-template");
    this.dialog = template.content.firstElementChild.cloneNode(true);
    this.field = this.dialog.querySelector("input");
    document.body.append(this.dialog);
    this.list = new ChoiceList({
      field: this.field,
      list: this.dialog.querySelector("[role=listbox]"),
      none: this.dialog.querySelector("[role=status]"),
      nothing: text("palette_none"),
      draw: (choice) => this.draw(choice),
      onChoose: (choice) => this.choose(choice),
    });
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      this.dialog.close();
      event.preventDefault();
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
    this.found = this.articles = [];
    this.field.value = "";
    this.dialog.showModal();
    this.show();
  }

  conversation({ group, group_name: name = "" }) {
    return { group, name, choose: () => this.shortcuts.goTo(group) };
  }

  changed() {
    this.found = this.articles = [];
    this.show();
    this.clock.clearTimeout(this.timer);
    if (this.field.value.trim()) this.timer = this.clock.setTimeout(() => this.look(), PAUSE);
  }

  // The page knows the newest rows; the server finds all others.
  async look() {
    const words = this.field.value;
    const here = () => words === this.field.value && this.dialog.open;
    this.shortcuts.articles(words.trim()).then((articles) => {
      if (!here()) return;
      this.articles = articles.flatMap(({ title, from, choose, otherwise }) => [
        { name: `${title} · ${from || text("insert_link")}`, choose: () => choose() },
        ...(from ? [] : [{ name: `${title} · ${text("insert_text")}`, choose: () => otherwise() }]),
      ]);
      this.show(this.list.marked);
    });
    const rows = await this.shortcuts.look(words.trim()).catch(() => []);
    if (!here()) return;
    const known = new Set(this.rows.map(({ group }) => group));
    this.found = rows.filter(({ group }) => !known.has(group)).map((row) => this.conversation(row));
    this.show(this.list.marked);
  }

  show(marked = 0) {
    const words = this.field.value;
    const sections = [
      ["palette_actions", best(this.actions, words, words.trim() ? MOST : Infinity)],
      ["palette_views", best(this.views, words, MOST)],
      ["palette_conversations", [...best(this.rows, words, MOST), ...this.found].slice(0, MOST)],
      ["articles", this.articles],
    ];
    this.list.show(sections.map(([key, choices]) => [text(key), choices]), marked);
  }

  draw({ name, keys }) {
    const words = part("span", name, { dir: "auto" });
    if (!keys || !this.shortcuts.single) return [words];
    const cap = keyCap(keys[0]);
    cap.ariaHidden = "true";
    return [words, cap];
  }

  // Closing returns the focus to where it was; the chosen action may then move it.
  choose(choice) {
    this.dialog.close();
    choice.choose();
  }
}
