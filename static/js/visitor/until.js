// Shows by the reader's clock until when the visitor is blocked, or the team is closed.

import { coming } from "../shared/hours.js";
import { fill } from "../shared/text.js";

for (const line of document.querySelectorAll("[data-until]")) {
  line.textContent = fill(line.dataset.words, { time: coming(new Date(line.dataset.until)) });
}
