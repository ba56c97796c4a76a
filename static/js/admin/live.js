// The live view: the page is fetched again when its socket says that something changed, and every
// few seconds, so what is shown is what the database says, whatever was lost on the way. Between two
// answers waits count on.

import { Hints } from "../connection/hints.js";
import { postForm } from "../connection/http.js";
import { socketUrl } from "../connection/socket.js";
import { elapsed } from "../shared/durations.js";
import { fetched } from "../shared/fetched.js";

const EVERY = 4_000;
// With a socket the page asks seldom by itself, and at most so often because of the socket.
const PUSHED_EVERY = 10_000;
const APART = 500;
const STALE = 15_000;
const page = document.querySelector("#live");
const stale = page.querySelector(".stale");
const wall = page.querySelector(".wall");
const parts = (where) => where.querySelectorAll("#live [data-live]");
const moment = (where) => Date.parse(where.querySelector("[data-at]").dataset.at);
let answered = Date.now();
// By how much the server's clock is ahead of this one.
let ahead = moment(page) - answered;
let asking = false;
let asked = Date.now();
let planned = 0;
let hints = null;

async function renew() {
  if (document.hidden || asking) return;
  asking = true;
  asked = Date.now();
  const fresh = await fetched(location.href, null, 2 * EVERY);
  asking = false;
  if (fresh?.querySelector("#live")) show(fresh);
  // Signed out, or no longer allowed: the server says what to do.
  else if (fresh) location.reload();
  count();
}

function renewSoon() {
  planned ||= setTimeout(() => {
    planned = 0;
    if (asking) renewSoon();
    else renew();
  }, Math.max(0, asked + APART - Date.now()));
}

function show(fresh) {
  answered = Date.now();
  ahead = moment(fresh) - answered;
  const focused = document.activeElement?.dataset.focus;
  const renewed = new Map([...parts(fresh)].map((part) => [part.dataset.live, part]));
  for (const part of parts(document)) {
    const other = renewed.get(part.dataset.live);
    if (other && part.outerHTML !== other.outerHTML) part.replaceWith(other);
  }
  if (focused && document.activeElement?.dataset.focus !== focused) {
    page.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function count() {
  const now = Date.now();
  for (const one of page.querySelectorAll("[data-since]")) {
    one.textContent = elapsed(now + ahead - Date.parse(one.dataset.since));
  }
  stale.hidden = now - answered < STALE;
  page.classList.toggle("is-stale", !stale.hidden);
}

page.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { target: form, submitter } = event;
  try {
    await postForm(form.action, { member: form.elements.member.value, state: submitter.value });
  } catch {
    // The server says what is wrong; what was chosen is not set.
    return location.reload();
  }
  renew();
});

wall.hidden = !document.fullscreenEnabled;
wall.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen()));

setInterval(() => {
  const every = hints?.open ? PUSHED_EVERY : EVERY;
  if (Date.now() - asked >= every - APART) renew();
}, EVERY / 2);
// A hint comes also after the socket opened: something may have changed before it.
if (page.dataset.socket) hints = new Hints({ url: socketUrl(page.dataset.socket), onHint: renewSoon });
setInterval(count, 1_000);
document.addEventListener("visibilitychange", renew);
