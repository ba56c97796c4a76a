// A list of the administration: it searches while somebody types, counts the ticked rows and can tick
// those of all pages. Without this script the search is a form, and each row is ticked by itself.

import { fetched } from "../shared/fetched.js";

const PAUSE = 250;
const PARTS = ["count", "filters", "listed"];
const search = document.querySelector(".find input[type=search]");
const form = () => document.getElementById("changelist-form");
const boxes = () => [...(form()?.querySelectorAll(".action-select") ?? [])];
let waiting = 0;

async function find() {
  const asked = new URLSearchParams(new FormData(search.form));
  asked.delete("p");
  if (!search.value.trim()) asked.delete("q");
  const address = `${location.pathname}?${asked}`;
  const mine = ++waiting;
  const fresh = await fetched(address);
  // An answer that came late is not shown over a newer one; after the session's end it is no list.
  if (mine !== waiting || !fresh?.getElementById("listed")) return;
  history.replaceState(history.state, "", address);
  for (const id of PARTS) {
    const part = fresh.getElementById(id);
    // Of a list without rows there is nothing to filter.
    if (part) document.getElementById(id).replaceWith(part);
  }
  count();
}

let pause;
search?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(find, PAUSE);
});

// What is ticked: the head's box says so, and the bar, which is there as long as anything is.
function count() {
  const all = document.getElementById("action-toggle");
  if (!all) return;
  const ticked = boxes().filter((box) => box.checked).length;
  const whole = ticked > 0 && ticked === boxes().length;
  all.hidden = false;
  all.checked = whole;
  all.indeterminate = ticked > 0 && !whole;
  const bar = form().querySelector(".bulk");
  const across = form().elements.select_across;
  if (!whole) across.value = "0";
  const said = bar.querySelector("b");
  said.textContent = across.value === "1" ? said.dataset.all : said.dataset.some.replace("{n}", ticked);
  const more = bar.querySelector(".across");
  if (more) more.hidden = !whole || across.value === "1";
  bar.querySelector(".untick").hidden = false;
}

function tick(checked) {
  for (const box of boxes()) box.checked = checked;
  count();
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "action-toggle") tick(target.checked);
  else if (target.matches(".action-select")) count();
});

document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll("details.filter[open]")) {
    if (!open.contains(target)) open.open = false;
  }
  if (target.closest(".untick")) tick(false);
  if (target.closest(".across")) {
    form().elements.select_across.value = "1";
    count();
  }
});

document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (event.key === "/" && search && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.filter[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (!writes && boxes().some((box) => box.checked)) tick(false);
});

// A browser keeps ticks when somebody comes back.
count();
