// A form of the administration that changes something: rows of other tables are added and moved, colours stand
// there as text, too, and what is not saved is named. Without this script it is a form with a button.

import { colours } from "./colours.js";
import { editRows } from "./rows.js";
import { warnUnsaved } from "./unsaved.js";

const form = document.querySelector(".form-main > form");
const words = document.getElementById("form-words").dataset;

editRows(form);
colours(form, words);
// The week editor changes no field until its reader does.
warnUnsaved(form, document.querySelector(".save-bar"), words);

// A link may name a field in place of which the week has inputs, or one that is folded away.
function follow() {
  const target = document.getElementById(location.hash.slice(1));
  const shown = target?.closest("[hidden]") ? target.closest(".section") : target;
  if (!form.contains(shown)) return;
  const folded = shown.closest("details") ?? shown.querySelector("details");
  if (folded) folded.open = true;
  shown.scrollIntoView({ block: shown.matches(".section") ? "start" : "center" });
  shown.focus({ preventScroll: true });
}
window.addEventListener("hashchange", follow);
// The same link again changes no address.
document.addEventListener("click", (event) => {
  if (location.hash && event.target.closest("a")?.href === location.href) follow();
});
follow();
