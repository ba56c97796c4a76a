// The ways by which the customer is reached, in the panel; templates/chat/panel/_way_row.html has the same.

import { standing } from "./ways.js";
import { redraw } from "../redraw.js";
import { text } from "../../shared/text.js";

// section: its element. ways: chat/reading/reach.py, with the open conversation's `group`.
// seated: whether the reader can act there.
export function drawReach(section, ways, { group, href, seated }) {
  section.hidden = !ways.length;
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector("#way-template"));
  redraw(section.querySelector("ul"), ways.map((way) => row(template, way, { group, href, seated })));
}

function row(template, way, { group, href, seated }) {
  const made = template.content.firstElementChild.cloneNode(true);
  const { kind, address, how, sure } = way;
  if (way.group === group) made.setAttribute("aria-current", "true");
  else made.removeAttribute("aria-current");
  made.querySelector(".by").className = `by by-${kind}`;
  const link = made.querySelector("a");
  Object.assign(link, { href: href(way.group), textContent: address });
  link.dataset.group = way.group;
  made.querySelector(".way-kind").textContent = text(`channel_${kind}`);
  const known = made.querySelector(".way-how");
  known.textContent = text(`way_how_${how}`);
  known.toggleAttribute("data-sure", sure);
  made.querySelector(".way-standing").textContent = standing(way);
  const copy = made.querySelector(".way-copy");
  copy.replaceWith(...(way.copies ?? []).map((one) => copyRow(copy.cloneNode(true), one, way.group === group && seated)));
  return made;
}

// Somebody in Cc of their mails, to whom answers go once they are accepted.
function copyRow(made, { address, accepted }, acts) {
  made.querySelector("span").textContent = address;
  const form = made.querySelector("form");
  if (!acts) form.remove();
  form.elements.address.value = address;
  form.elements.accepted.value = accepted ? "0" : "1";
  form.querySelector("button").textContent = text(accepted ? "copy_drop" : "copy_add");
  return made;
}
