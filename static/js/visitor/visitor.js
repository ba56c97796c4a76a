// The visitor's page: makes its parts, takes over what the server rendered and what an earlier page
// left, and connects.

import { VisitorController } from "./controller.js";
import { keepTokensFresh } from "../connection/http.js";
import { openStore, openTab } from "../connection/outbox.js";
import { wakeWith } from "../connection/socket.js";
import { load } from "../shared/text.js";

load(document);
const page = document.body.dataset;
const find = (selector) => document.querySelector(selector);
const chat = new VisitorController({ page, find, store: openStore(), tab: openTab() });
const { connection, conversation, sending, view } = chat;

// No `await` out here: older browsers could not read this script at all.
Promise.all([chat.inheritFormer(), page.group && chat.addUndone(), find(".about-article") && chat.withArticles()]).then(() => {
  sending.load();
  const unread = Number(page.unread) || 0;
  if (unread) view.markFresh(conversation.readSeq);
  chat.showUnread(unread);
  for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => chat.read(), true);
  keepTokensFresh(document);
  connection.open();
  wakeWith(connection);
  if (page.host) import("./host_page.js").then(({ joinHost }) => joinHost(chat));
});
