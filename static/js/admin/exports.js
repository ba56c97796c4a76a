// The page of exports: as long as one is being made, the page is fetched again and its list renewed.

import { fetched } from "./fetched.js";

const EVERY = 2_000;
const list = () => document.querySelector("#exports");

async function renew() {
  if (document.hidden) return;
  const fresh = (await fetched(location.href))?.querySelector("#exports");
  if (!fresh || fresh.outerHTML === list().outerHTML) return;
  const focused = list().contains(document.activeElement);
  list().replaceWith(fresh);
  if (focused) fresh.querySelector("a, button")?.focus({ preventScroll: true });
  if (!("busy" in fresh.dataset)) clearInterval(timer);
}

const timer = "busy" in list().dataset ? setInterval(renew, EVERY) : 0;
