// Buttons that copy a list of facts, or one text. Without this script they are hidden, and the text can
// be selected.

import { copy } from "../shared/clipboard.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  const rows = [...source.querySelectorAll(":scope > div")];
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = (part) => (part.querySelector("code") ?? part).textContent.trim();
    const lines = rows.map((row) => [...row.children].map(words).join(": "));
    const text = rows.length ? lines.join("\n") : source.textContent.trim();
    if (!(await copy(text))) return;
    const [former, done] = [button.textContent.trim(), button.dataset.done];
    button.textContent = done;
    const label = button.getAttribute("aria-label");
    if (label) button.setAttribute("aria-label", label.replace(former, done));
  });
}
