// The archive's list: where a search takes longer than one answer, the next part is fetched by itself
// and its rows are added, until the page is full, nothing is left, or somebody stops it. And the boxes
// that tick rows for an export.

import { fetched } from "../shared/fetched.js";

const PAGE = 30;
const list = document.querySelector(".conversations tbody");
const status = document.querySelector(".going-on");
let stopped = false;

// Returns whether it is a page of the list; after the session's end it is the sign-in page.
function place(fresh) {
  const next = fresh.querySelector(".going-on");
  if (!next) return false;
  const known = new Set([...list.children].map((row) => row.dataset.group));
  for (const row of fresh.querySelectorAll(".conversations tbody tr")) {
    if (!known.has(row.dataset.group)) list.append(row);
  }
  // Nothing in this part is not nothing at all.
  if (next.querySelector(".nothing") && list.children.length) status.replaceChildren();
  else status.replaceChildren(...next.childNodes);
  // New rows are not ticked, so not all are any more.
  if (all?.checked) count();
  return true;
}

async function search() {
  while (!stopped && list.children.length < PAGE) {
    const link = status.querySelector(".go-on");
    if (!link) break;
    busy(true);
    const fresh = await fetched(link.href);
    if (!fresh || stopped || !place(fresh)) break;
  }
  busy(false);
}

function busy(is) {
  status.classList.toggle("busy", is);
  const stop = status.querySelector(".stop");
  const link = status.querySelector(".go-on");
  if (stop) stop.hidden = !is;
  if (link) link.hidden = is;
}

status?.addEventListener("click", (event) => {
  if (event.target.closest(".stop")) {
    stopped = true;
    busy(false);
  }
});

const table = document.querySelector(".conversations");
const all = table?.querySelector("input.all");
const said = document.querySelector("#export .help");
const boxes = () => [...list.querySelectorAll("input[name=group]")];

function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
  if (said) said.textContent = ticked ? said.dataset.some.replace("{n}", ticked) : said.dataset.all;
}

if (all) {
  all.hidden = false;
  table.addEventListener("change", ({ target }) => {
    if (target === all) for (const box of boxes()) box.checked = all.checked;
    count();
  });
  // A browser keeps ticks when somebody comes back.
  count();
}

if (list && status?.querySelector(".go-on")) search();
