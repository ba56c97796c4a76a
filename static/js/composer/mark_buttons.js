// The buttons that write the marks of formatting into the field: bold, italic, list, code, link; and
// the one that mentions a colleague. The keys of marks.js do the first two. Only agents have them:
// visitors' text stays text.

import { insert } from "./insert.js";
import { markByKey, markSelection, replace } from "./marks.js";

const AROUND = { bold: "**", italic: "*", code: "`" };
const FENCE = ["```\n", "\n```"];
const ADDRESS = "https://";

// Makes an item of each line that the selection touches, or no item any more if all of them are.
export function listed(value, start, end) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const next = value.indexOf("\n", end);
  const to = next < 0 ? value.length : next;
  const lines = value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith("- "));
  const words = lines.map((line) => (all ? line.slice(2) : line.startsWith("- ") ? line : `- ${line}`)).join("\n");
  return { from, to, words, start: from + words.length, end: from + words.length };
}

// Makes the selection a link. What is still to be written, its words or its address, is selected.
export function linked(value, start, end) {
  const chosen = value.slice(start, end);
  const at = chosen ? start + chosen.length + 3 : start + 1;
  return { from: start, to: end, words: `[${chosen}](${ADDRESS})`, start: at, end: chosen ? at + ADDRESS.length : at };
}

// Makes the selected lines a block of code.
export function fenced(value, start, end) {
  const chosen = value.slice(start, end);
  const at = start + FENCE[0].length;
  return { from: start, to: end, words: FENCE.join(chosen), start: at, end: at + chosen.length };
}

// Makes the buttons and keys of `form` work.
export function offerMarks(form) {
  const group = form.querySelector(".marks");
  const field = form.elements.content;
  // The field keeps the focus and the selection.
  group.addEventListener("mousedown", (event) => event.preventDefault());
  group.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-mark]")?.dataset.mark;
    const { value, selectionStart: start, selectionEnd: end } = field;
    if (name === "call") insert(field, /\S$/.test(value.slice(0, start)) ? " @" : "@");
    else if (name === "list") replace(field, listed(value, start, end));
    else if (name === "link") replace(field, linked(value, start, end));
    else if (name === "code" && value.slice(start, end).includes("\n")) replace(field, fenced(value, start, end));
    else if (name) markSelection(field, AROUND[name]);
  });
  field.addEventListener("keydown", (event) => markByKey(event, field));
  // Where there is no room for them beside the others, this one shows them (css/workspace/phone.css).
  const open = form.querySelector(".marks-open");
  open.addEventListener("mousedown", (event) => event.preventDefault());
  open.addEventListener("click", () => open.setAttribute("aria-expanded", String(open.getAttribute("aria-expanded") !== "true")));
}
