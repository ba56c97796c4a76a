// The page on which a visitor chooses, inside a site's widget: it can be closed like the chat itself.

import { Site } from "./site.js";

const site = new Site({
  origin: document.body.dataset.host,
  leave: document.querySelector(".leave"),
  onOpen: () => document.querySelector(".choose a").focus(),
});
site.tell({ unread: 0, known: false });
