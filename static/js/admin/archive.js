// The archive's list: where a search takes longer than one answer, the next part is fetched by itself
// and its rows are added, until the page is full, nothing is left, or somebody stops it.

const PAGE = 30;
const list = document.querySelector(".conversations tbody");
const status = document.querySelector(".going-on");
let stopped = false;

// A page as the server renders it, parsed by the browser; null if there is no answer.
function fetched(href) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", href);
    request.responseType = "document";
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = () => done(null);
    request.send();
  });
}

function place(fresh) {
  const known = new Set([...list.children].map((row) => row.dataset.group));
  for (const row of fresh.querySelectorAll(".conversations tbody tr")) {
    if (!known.has(row.dataset.group)) list.append(row);
  }
  const next = fresh.querySelector(".going-on");
  // Nothing in this part is not nothing at all.
  if (next.querySelector(".none") && list.children.length) return status.replaceChildren();
  status.replaceChildren(...next.childNodes);
}

async function search() {
  while (!stopped && list.children.length < PAGE) {
    const link = status.querySelector(".go-on");
    if (!link) break;
    busy(true);
    const fresh = await fetched(link.href);
    if (!fresh || stopped) break;
    place(fresh);
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

if (list && status?.querySelector(".go-on")) search();
