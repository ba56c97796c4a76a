// The agents' workspace: makes its parts, takes over what the server rendered, and connects.

import { useHues } from "./avatar.js";
import { WorkspaceController } from "./controller.js";
import { endVisit } from "./visit.js";
import { keepTokensFresh } from "../connection/http.js";
import { openStore } from "../connection/outbox.js";
import { wakeWith } from "../connection/socket.js";
import { load } from "../shared/text.js";

const MESSAGES_SHOWN = 8_000;
// Milliseconds after which the page is at rest.
const REST = 3_000;
// The list and a conversation stand side by side (css/workspace/workspace.css).
const WIDE = "(min-width: 720px)";

load(document);
const page = document.body.dataset;
useHues(JSON.parse(page.hues));
const find = (selector) => document.querySelector(selector);
const workspace = new WorkspaceController({ page, find, store: openStore() });
const { connection, navigation, sending } = workspace;

sending.outbox.load();
workspace.title.unread(Number(page.total));
navigation.adopt(page.group, find(".conversation").dataset);
const isFree = !page.group && !new URLSearchParams(location.search).has("q");
if (isFree && workspace.column.chosen.view === "waiting" && matchMedia(WIDE).matches) {
  navigation.showFirst([find(".opened"), find(".panel")]);
}
navigation.listen(document.querySelectorAll(".back, .to-inbox"));
for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => workspace.read(), true);
keepTokensFresh(document);
endVisit(sessionStorage);
// What the page before had to say.
setTimeout(() => document.querySelectorAll(".told").forEach((message) => message.remove()), MESSAGES_SHOWN);
connection.open();
wakeWith(connection);
// The service worker and pushes; at once where a notice asks to write.
setTimeout(() => import("./app/app.js").then(({ begin }) => begin(workspace), () => {}), location.hash ? 0 : REST);
