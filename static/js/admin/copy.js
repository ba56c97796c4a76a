// Buttons that copy a list of facts. Without this script they are hidden, and the text can be selected.

import { copy } from "../shared/clipboard.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  const rows = [...document.querySelectorAll(`#${button.dataset.copies} > div`)];
  button.hidden = false;
  button.addEventListener("click", async () => {
    const lines = rows.map((row) => [...row.children].map((part) => part.textContent.trim()).join(": "));
    if (await copy(lines.join("\n"))) button.textContent = button.dataset.done;
  });
}
