// Shows until when the visitor is blocked, by the reader's clock.

import { moment } from "../shared/hours.js";
import { fill } from "../shared/text.js";

for (const line of document.querySelectorAll("[data-until]")) {
  line.textContent = fill(line.dataset.words, { time: moment(new Date(line.dataset.until)) });
}
