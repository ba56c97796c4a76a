// The list of visitors on the site, fetched again every ten seconds while somebody looks at it. A
// row stays unchanged while an agent writes in it or has the focus there.

import { fetched } from "../../shared/fetched.js";

const EVERY = 10_000;
const list = document.querySelector("#visits tbody");

async function renew() {
  if (document.hidden) return;
  const page = await fetched(location.pathname, null, EVERY);
  if (!page) return;
  // The session has ended, or the list was switched off.
  const fresh = page.querySelector("#visits");
  if (!fresh) return location.reload();
  for (const part of [".count", ".nobody"]) {
    const [old, now] = [document.querySelector(`#visits ${part}`), fresh.querySelector(part)];
    if (old.outerHTML !== now.outerHTML) old.replaceWith(now);
  }
  merge([...fresh.querySelectorAll("tbody tr")]);
  list.closest("table").hidden = !list.rows.length;
}

function merge(rows) {
  const kept = new Map();
  for (const row of [...list.rows]) {
    if (row.querySelector("details[open]") || row.contains(document.activeElement)) kept.set(row.dataset.visit, row);
    else row.remove();
  }
  let next = list.rows[0] ?? null;
  for (const row of rows) {
    const mine = kept.get(row.dataset.visit);
    if (mine) next = mine.nextElementSibling;
    else list.insertBefore(row, next);
  }
}

setInterval(renew, EVERY);
document.addEventListener("visibilitychange", renew);
