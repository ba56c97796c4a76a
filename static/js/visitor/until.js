// Until when one may not write, by the reader's own clock.

import { moment } from "../shared/hours.js";
import { fill } from "../shared/text.js";

for (const line of document.querySelectorAll("[data-until]")) {
  line.textContent = fill(line.dataset.words, { time: moment(new Date(line.dataset.until)) });
}
