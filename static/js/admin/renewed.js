// A page of work in the background: as long as it goes on, the page is fetched again and its part
// `data-renewed` renewed.

import { fetched } from "../shared/fetched.js";

const EVERY = 2_000;
const part = (page = document) => page.querySelector("[data-renewed]");

async function renew() {
  if (document.hidden) return;
  const found = await fetched(location.href);
  const fresh = found && part(found);
  if (!fresh || fresh.outerHTML === part().outerHTML) return;
  const focused = part().contains(document.activeElement);
  const [said, saying] = [part(), fresh].map((one) => one.querySelector("[role=status]"));
  if (said && saying) renewAround(said, saying);
  else part().replaceWith(fresh);
  if (focused) part().querySelector("a, button")?.focus({ preventScroll: true });
  if (!("busy" in part().dataset)) clearInterval(timer);
}

// Renews the part, but leaves the element of its status where it is: screen readers read what changes
// in it, and nothing of an element that comes with its words.
function renewAround(said, saying) {
  said.replaceChildren(...saying.childNodes);
  while (said !== part()) {
    const [around, fresh] = [said.parentElement, saying.parentElement];
    const nodes = [...fresh.childNodes];
    const at = nodes.indexOf(saying);
    for (const node of [...around.childNodes]) if (node !== said) node.remove();
    said.before(...nodes.slice(0, at));
    said.after(...nodes.slice(at + 1));
    for (const name of around.getAttributeNames()) around.removeAttribute(name);
    for (const name of fresh.getAttributeNames()) around.setAttribute(name, fresh.getAttribute(name));
    [said, saying] = [around, fresh];
  }
}

const timer = "busy" in part().dataset ? setInterval(renew, EVERY) : 0;
