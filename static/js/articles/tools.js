// The buttons over the text, and pictures that are chosen, pasted or dropped into it.

import { csrfToken } from "../connection/http.js";
import { insert } from "../composer/insert.js";
import { linked, listed } from "../composer/mark_buttons.js";
import { markByKey, markSelection, replace } from "../composer/marks.js";

const DEEPEST = "### ";

// Makes the line a heading, a smaller one, and none again.
export function headed(value, start) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const next = value.indexOf("\n", from);
  const line = value.slice(from, next < 0 ? value.length : next);
  const [marks] = line.match(/^#{0,6} ?/);
  const words = (marks === DEEPEST ? "" : marks ? DEEPEST : "## ") + line.slice(marks.length);
  return { from, to: from + line.length, words, start: from + words.length, end: from + words.length };
}

// onSending(whether pictures are on their way); onRefused(): one is no picture, or too large.
export function offerTools(form, onSending, onRefused) {
  const field = form.elements.body;
  const bar = form.querySelector(".tools");
  bar.hidden = false;
  // The field keeps the focus and the selection.
  bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
  bar.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-tool]")?.dataset.tool;
    const { value, selectionStart: start, selectionEnd: end } = field;
    if (name === "heading") replace(field, headed(value, start));
    else if (name === "list") replace(field, listed(value, start, end));
    else if (name === "link") replace(field, linked(value, start, end));
    else if (name === "bold") markSelection(field, "**");
  });
  field.addEventListener("keydown", (event) => markByKey(event, field));

  async function send(files) {
    onSending(true);
    let refused = false;
    for (const file of files) {
      const sent = new FormData();
      sent.append("file", file, file.name);
      const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
      const answer = await fetch(form.dataset.pictures, { method: "POST", headers, body: sent }).catch(() => null);
      const found = answer?.ok ? await answer.json().catch(() => null) : null;
      if (found) insert(field, `![${file.name.replace(/\.\w+$/, "").replace(/[[\]]/g, "")}](${found.source})\n`);
      else refused = true;
    }
    onSending(false);
    if (refused) onRefused();
  }
  const pictures = (list) => [...(list?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  for (const [kind, of] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) {
    field.addEventListener(kind, (event) => {
      const found = pictures(event[of]);
      if (!found.length) return;
      event.preventDefault();
      send(found);
    });
  }
  field.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  const chooser = bar.querySelector("[type=file]");
  chooser.addEventListener("change", () => {
    send(pictures(chooser));
    chooser.value = "";
  });
}
