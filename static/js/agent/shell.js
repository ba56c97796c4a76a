// The rail on the pages beside the workspace: the agent's own menu closes, and the colours change
// without a new page. Its other forms are plain ones there.

import { keepTokensFresh } from "../connection/http.js";
import { stayPresent } from "./presence.js";
import { switchTheme } from "./theme.js";
import { isVisit } from "./visit.js";

const menu = document.querySelector(".online");
const line = document.querySelector(".offered-elsewhere");
keepTokensFresh(document);
if (line && !isVisit(document.referrer, sessionStorage)) stayPresent(document.body.dataset, line);
// Where it does not work, the form does.
switchTheme(document, () => location.reload());
document.addEventListener("click", ({ target }) => menu && !menu.contains(target) && (menu.open = false));
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
