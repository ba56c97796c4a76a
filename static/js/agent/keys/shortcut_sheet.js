// The sheet that lists all keyboard shortcuts, with the switch for single keys. Loaded when it is
// first opened.

import { MAC, TABLE } from "./keys.js";
import { stylesheet } from "../../shared/styles.js";
import { text } from "../../shared/text.js";

const SIGNS = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  Escape: "Esc",
};

// shortcuts: the page's Shortcuts.
export async function showSheet(shortcuts) {
  const template = document.querySelector("#sheet-template");
  await stylesheet(template.dataset.css);
  const dialog = template.content.firstElementChild.cloneNode(true);
  for (const section of dialog.querySelectorAll("[data-group]")) {
    const listed = TABLE.filter((entry) => entry.group === section.dataset.group && entry.keys && isFor(entry));
    section.querySelector("dl").append(...listed.map((entry) => line(entry, shortcuts)));
  }
  const single = dialog.querySelector("[name=single]");
  single.checked = shortcuts.single;
  single.addEventListener("change", () => (shortcuts.single = single.checked));
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// Some members cannot select rows, and some enterprises have no assistant.
function isFor({ ai, name, press }) {
  if (name === "select") return document.querySelector("#row-template").content.querySelector(".row-pick");
  return !ai || document.querySelector(press);
}

function line(entry, shortcuts) {
  const row = document.createElement("div");
  const keys = document.createElement("dt");
  keys.append(...keyCaps(entry, shortcuts));
  const what = document.createElement("dd");
  what.textContent = shortcuts.label(entry);
  row.append(keys, what);
  return row;
}

function keyCaps({ name, keys }, shortcuts) {
  if (name === "views") return [keyCap("1"), " – ", keyCap(String(Math.min(shortcuts.views().length, keys.length)))];
  return keys.flatMap((key, at) => (at ? [" ", keyCap(key)] : [keyCap(key)]));
}

export function keyCap(key) {
  const cap = document.createElement("kbd");
  cap.textContent = SIGNS[key] ?? key.replace("Mod+", MAC ? "⌘" : "Ctrl+").replace(/\b[a-z]$/, (letter) => letter.toUpperCase());
  return cap;
}
