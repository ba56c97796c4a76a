// A page of work in the background: as long as it goes on, the page is fetched again and its part
// `data-renewed` replaced.

import { fetched } from "./fetched.js";

const EVERY = 2_000;
const part = (page = document) => page.querySelector("[data-renewed]");

async function renew() {
  if (document.hidden) return;
  const found = await fetched(location.href);
  const fresh = found && part(found);
  if (!fresh || fresh.outerHTML === part().outerHTML) return;
  const focused = part().contains(document.activeElement);
  part().replaceWith(fresh);
  if (focused) fresh.querySelector("a, button")?.focus({ preventScroll: true });
  if (!("busy" in fresh.dataset)) clearInterval(timer);
}

const timer = "busy" in part().dataset ? setInterval(renew, EVERY) : 0;
