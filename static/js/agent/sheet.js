// The sheet of all keys, and the switch for those without Ctrl. Loaded when it is first asked for.

import { MAC, TABLE } from "./keys.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";

const SIGNS = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  Escape: "Esc",
  "Mod+k": MAC ? "⌘K" : "Ctrl+K",
  "Shift+Enter": "Shift+Enter",
};

// hands: the page's Hands.
export async function showSheet(hands) {
  const template = document.querySelector("#sheet-template");
  await stylesheet(template.dataset.css);
  const dialog = template.content.firstElementChild.cloneNode(true);
  for (const section of dialog.querySelectorAll("[data-group]")) {
    const told = TABLE.filter(({ group, keys }) => group === section.dataset.group && keys);
    section.querySelector("dl").append(...told.map((entry) => line(entry, hands)));
  }
  const single = dialog.querySelector("[name=single]");
  single.checked = hands.single;
  single.addEventListener("change", () => (hands.single = single.checked));
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function line(entry, hands) {
  const row = document.createElement("div");
  const keys = document.createElement("dt");
  keys.append(...keyCaps(entry, hands));
  const what = document.createElement("dd");
  what.textContent = hands.label(entry);
  row.append(keys, what);
  return row;
}

function keyCaps({ name, keys }, hands) {
  if (name === "views") return [keyCap("1"), " – ", keyCap(String(hands.views().length))];
  return keys.flatMap((key, at) => (at ? [" ", keyCap(key)] : [keyCap(key)]));
}

export function keyCap(key) {
  const cap = document.createElement("kbd");
  cap.textContent = SIGNS[key] ?? (/^[a-z]$/.test(key) ? key.toUpperCase() : key);
  return cap;
}
