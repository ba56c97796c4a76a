// The page on which a visitor chooses a topic, inside a site's widget: it can be closed like the
// chat.

import { HostPage } from "./host_page.js";

const site = new HostPage({
  origin: document.body.dataset.host,
  leave: document.querySelector(".leave"),
  onOpen: () => document.querySelector(".choose a").focus(),
});
site.sendState({ unread: 0, known: false });
