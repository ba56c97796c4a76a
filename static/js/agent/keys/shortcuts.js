// The keyboard shortcuts of the workspace: performs the action of a key if it is possible now, and
// loads the sheet and the palette when they are first opened.

import { unfold } from "../conversation/actions.js";
import { insert } from "../../composer/insert.js";
import { acts, meant, TABLE, takesLetters } from "./keys.js";
import { has, text } from "../../shared/text.js";

const OFF = "kefu:keys-off";

export class Shortcuts {
  // root: the page's body. rows(): the inbox's rows, newest first. look(words): a promise of rows
  // that the server finds. articles(words): one of what can be put into the answer. open(group or
  // null): opens a conversation or the inbox. pick(button): opens the list below it; returns a
  // promise. chosen(): whether somebody chose the open conversation.
  constructor({ root, store, rows, look, articles, open, pick, chosen }) {
    Object.assign(this, { root, store, rows, look, articles, open, pick, chosen, early: [] });
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const link of root.querySelectorAll(".skip")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.enter();
      });
    }
    const button = root.querySelector(".keys-open");
    button.addEventListener("click", () => this.sheet());
    button.hidden = false;
    // A row that was opened by Enter moves the focus along. A click by pointer has a detail; in Firefox
    // that by Enter on a link has one, too.
    const inbox = root.querySelector(".inbox");
    let entered = false;
    for (const name of ["keydown", "pointerdown"]) inbox.addEventListener(name, ({ key }) => (entered = key === "Enter"), true);
    inbox.addEventListener(
      "click",
      ({ target, detail }) => (this.following = target.closest(".row a, .result a") ? entered || !detail : null),
      true,
    );
  }

  get single() {
    return !this.store.get(OFF);
  }

  set single(on) {
    if (on) this.store.remove(OFF);
    else this.store.set(OFF, true);
  }

  pressed(event) {
    const { target } = event;
    if (this.bringing) return this.keep(event);
    if (this.find("dialog[open]")) return;
    const typing = takesLetters(target);
    const entry = meant(event, { typing, single: this.single });
    // While another conversation is loading, a key for it must not act on the one that is still
    // shown.
    const coming = !typing && this.find(".thread > .loading > :not([hidden])");
    if (coming && (this.early.length || entry?.group === "conversation")) return this.keep(event);
    if (!entry || !this.here(entry, event) || !this.possible(entry, event.key)) return;
    event.preventDefault();
    this.act(entry, event.key);
  }

  // Keeps a key for what is still loading.
  keep(event) {
    event.preventDefault();
    if (!event.ctrlKey && !event.metaKey && !event.altKey) this.early.push(event.key);
  }

  // What was loading is there: replays the kept keys.
  replay() {
    const keys = this.early;
    this.early = [];
    for (const key of keys) {
      const { activeElement: place } = document;
      if (key.length === 1 && place.setRangeText) insert(place, key);
      else place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  }

  // Whether an arrow key may move through the list: in most places arrows scroll or move a cursor.
  here({ name }, { key, target }) {
    if (!key.startsWith("Arrow")) return true;
    const free = target === this.root || Boolean(target.closest(".inbox"));
    return free && (!takesLetters(target) || (name === "next" && target.matches(".search input")));
  }

  // Whether the action is possible now.
  possible(entry, key) {
    if (entry.part) return usable(this.find(".menu > summary")) && !this.partOf(entry).hidden;
    if (entry.name === "select") return Boolean(this.box());
    if (entry.name === "next" || entry.name === "previous") return this.listed().length > 0;
    if (entry.name === "back") return usable(this.find(".opened")) || document.activeElement !== this.root;
    if (entry.name === "views") return usable(this.find(".views")) && Boolean(this.views()[key - 1]);
    return [entry.press, entry.focus, entry.pick].every((selector) => !selector || usable(reach(this.find(selector))));
  }

  act(entry, key) {
    if (entry.go) return this[entry.go](key);
    if (entry.pick) return this.bring(() => this.pick(this.find(entry.pick)));
    const control = entry.press && this.find(entry.press);
    if (control?.matches("summary")) unfold(control.parentElement);
    else control?.click();
    if (entry.focus) this.find(entry.focus).focus();
    if (!entry.part) return;
    this.find(".menu").open = true;
    unfold(this.partOf(entry));
  }

  // The name of an action: a text of its own, or the words of its control.
  label(entry) {
    if (has(`key_${entry.name}`)) return text(`key_${entry.name}`);
    const control = entry.part ? this.partOf(entry).querySelector("summary") : this.find(entry.press ?? entry.pick);
    return (control.ariaLabel || control.title || control.textContent).trim();
  }

  // The actions that the palette offers.
  actions() {
    const moves = ["next", "previous", "back", "views", "palette"];
    return TABLE.filter((entry) => acts(entry) && !moves.includes(entry.name) && this.possible(entry));
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  partOf({ part }) {
    return this.find(`.menu [data-part="${part}"]`);
  }

  views() {
    return [...this.root.querySelectorAll(".views a:not([hidden])")];
  }

  // The visible rows of the list, or of the search results.
  listed() {
    const searching = this.find(".inbox").hasAttribute("data-searching");
    return [...this.root.querySelectorAll(searching ? ".result a" : ".row a")].filter(usable);
  }

  next() {
    this.move(1);
  }

  previous() {
    this.move(-1);
  }

  // Moves the focus from the focused row, or the open one if it was chosen, or to the first visible
  // one.
  move(step) {
    const rows = this.listed();
    const from = rows.findIndex((row) => row === document.activeElement);
    const at = from < 0 && this.chosen() ? rows.findIndex((row) => row.hasAttribute("aria-current")) : from;
    (at < 0 ? first(rows) : rows[at + step])?.focus();
  }

  // The box that selects the focused row, else the open one, for members who can select rows.
  box() {
    const rows = this.listed();
    const row = rows.find((one) => one === document.activeElement) ?? rows.find((one) => one.hasAttribute("aria-current"));
    return row?.closest(".row")?.querySelector(".row-pick input");
  }

  select() {
    this.box().click();
  }

  view(key) {
    this.views()[key - 1].click();
  }

  // Goes one step back: from the field to the thread, from the thread to its row, on a phone to the
  // list.
  back() {
    const { activeElement: focused } = document;
    if (focused.closest(".composer")) return this.enter();
    const rows = this.listed();
    if (rows.length) return (rows.find((row) => row.hasAttribute("aria-current")) ?? first(rows)).focus();
    this.open(null);
  }

  // Focuses the conversation, where arrows scroll and letters are shortcuts.
  enter() {
    const place = this.find(".opened .scroller");
    (usable(place) ? place : this.find("#thread")).focus({ preventScroll: true });
  }

  // What had the focus was removed. Who has not chosen the open conversation is not led to it: it would
  // be read.
  left() {
    if (this.chosen()) this.enter();
    else this.find(".row [aria-current]")?.focus();
  }

  // Another conversation is shown, or none. The focus follows if the keyboard opened it, or if the
  // focused element is hidden or was. In Safari nothing has it after a click on a row.
  shown() {
    const { activeElement: focused } = document;
    const lost = focused === this.root ? this.following !== false : !usable(focused);
    if (usable(this.find(".opened"))) {
      if (this.following || lost) this.enter();
    } else if (lost) this.find(".row [aria-current]")?.focus();
    this.following = null;
    this.replay();
  }

  // Opens a conversation that was chosen in the palette.
  goTo(group) {
    this.following = true;
    this.open(group);
  }

  sheet() {
    this.bring(async () => {
      const { showSheet } = await import("./shortcut_sheet.js");
      await showSheet(this);
    });
  }

  palette() {
    if (this.chooser) return this.chooser.open();
    this.bring(async () => {
      const { CommandPalette } = await import("./command_palette.js");
      this.chooser = await CommandPalette.load(this);
      this.chooser.open();
    });
  }

  async bring(step) {
    Object.assign(this, { bringing: true, early: [] });
    try {
      await step();
    } catch (error) {
      this.early = [];
      throw error;
    } finally {
      this.bringing = false;
    }
    this.replay();
  }
}

// What has to be opened first, for a control in a closed menu. One that is hidden there is not
// possible.
function reach(element) {
  const menu = element?.closest("[hidden]") ? null : element?.closest("details:not([open])");
  return menu?.querySelector("summary") ?? element;
}

function usable(element) {
  return Boolean(element?.getClientRects().length) && !element.disabled && !element.closest("[inert]");
}

// The first row that the list's upper edge does not cut off.
function first(rows) {
  const edge = rows[0]?.closest("ul").getBoundingClientRect().top;
  return rows.find((row) => row.getBoundingClientRect().top >= edge);
}
