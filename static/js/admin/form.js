// A form of the administration that changes something: its sections as tabs, colours also as text,
// and a warning before changes are lost. Without this script it is one long form.

import { colours } from "./colours.js";
import { makeTabs } from "./tabs.js";
import { warnUnsaved } from "./unsaved.js";

const form = document.querySelector("#content-main > form");
const words = document.getElementById("form-words");

if (form && words) {
  colours(form, words.dataset);
  makeTabs(form, words.dataset);
  // The week editor changes no field until its reader does.
  warnUnsaved(form, words.dataset.unsaved);
}
