// Keeps an agent present on the pages beside the workspace: a socket as in the workspace, and a line
// that leads to what is offered to them meanwhile. Without a socket colleagues and visitors would take
// them to be gone, and their claims would be freed.

import { getJson } from "../connection/http.js";
import { openStore } from "../connection/outbox.js";
import { Connection, socketUrl, wakeWith } from "../connection/socket.js";
import { Away } from "./away.js";

// page: the body's data. line: the line for an offer, with a link to the workspace.
export function stayPresent(page, line) {
  const offers = new Set();
  const link = line.querySelector("a");
  let shown = null;
  const workspace = link.getAttribute("href");
  const show = () => {
    const [group] = offers;
    line.hidden = !group;
    link.setAttribute("href", group ? `${workspace}c/${group}/` : workspace);
  };
  const all = ({ offers: open = [] }) => {
    offers.clear();
    for (const { group } of open) offers.add(group);
    show();
  };
  const handlers = {
    hello(event) {
      shown ??= import("../connection/shown.js").then(({ sayShown }) => sayShown((frame) => connection.send(frame)), () => (shown = null));
      away.pause(event.state === "away");
      away.connected();
      all(event);
    },
    synced: all,
    offer({ group }) {
      offers.add(group);
      show();
    },
    "offer.ended"({ group }) {
      offers.delete(group);
      show();
    },
    "offers.paused": () => away.pause(true),
  };
  const connection = new Connection({
    url: socketUrl(page.socket),
    completeSeqs: () => ({}),
    onEvent: (event) => handlers[event.type]?.(event),
    onState() {},
  });
  let asked = null;
  const forget = () => {
    asked = null;
    return { away_minutes: 0 };
  };
  const choices = () => (asked ??= getJson(page.alerts).catch(forget));
  const away = new Away({
    minutes: async () => (await choices()).away_minutes,
    send: (frame) => connection.send(frame),
    store: openStore(),
    key: `kefu:agent:${page.me}:input`,
  });
  away.listen(window);
  connection.open();
  wakeWith(connection);
}
