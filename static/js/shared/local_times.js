// A page of the server has its times on the enterprise's clocks: puts them on the reader's, as the workspace has
// them. What says how long ago something was stays.

import { dated, full } from "./time.js";

const HOUR = 3_600_000;

for (const element of document.querySelectorAll("time")) {
  const at = new Date(element.dateTime);
  element.title = full(at);
  if (!("said" in element.dataset) || Date.now() - Number(at) >= HOUR) element.textContent = dated(at);
}
