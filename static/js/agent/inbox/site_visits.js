// The list of visitors on the site, fetched again every ten seconds while somebody looks at it. A
// row stays unchanged while an agent writes in it or has the focus there.

const EVERY = 10_000;
const list = document.querySelector("#visits tbody");

// The page as the server renders it now; null if it cannot be fetched.
function fetched() {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", location.pathname);
    // Tells the server that nobody opened the page.
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.responseType = "document";
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = request.ontimeout = () => done(null);
    request.timeout = EVERY;
    request.send();
  });
}

async function renew() {
  if (document.hidden) return;
  const page = await fetched();
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
