// A form of the administration that changes something: rows of other tables are added and moved, colours stand
// there as text, too, and what is not saved is named. Without this script it is a form with a button.

import { colours } from "./colours.js";
import { editRows } from "./rows.js";
import { makeTabs } from "./tabs.js";
import { warnUnsaved } from "./unsaved.js";

const form = document.querySelector(".form-main > form");
const words = document.getElementById("form-words").dataset;

editRows(form);
colours(form, words);
if (form.id === "enterprise_form" && !document.querySelector(".form-navigation")) makeTabs(form, words);
// The week editor changes no field until its reader does.
warnUnsaved(form, document.querySelector(".save-bar"), words);
