// Shows by the reader's clock until when the visitor is blocked, or the team is closed. The link that
// leads on, where there is one, is followed then.

import { LONGEST, coming } from "../shared/hours.js";
import { fill } from "../shared/text.js";

// Milliseconds: a clock that is ahead asks no oftener.
const SOONEST = 10_000;

for (const line of document.querySelectorAll("[data-until]")) {
  const until = new Date(line.dataset.until);
  line.textContent = fill(line.dataset.words, { time: coming(until) });
  const link = document.querySelector("a[data-then]");
  const wait = until - Date.now();
  if (link && wait < LONGEST) setTimeout(() => location.replace(link.href), Math.max(wait, SOONEST));
}
