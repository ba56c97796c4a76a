// What the visitor's page does at each event of its socket.

import { watched } from "../connection/conversation.js";
import { startOver } from "../connection/socket.js";
import { plural, text } from "../shared/text.js";

// chat: the VisitorController with all its parts. Returns handle(event), team(facts), which shows the
// team that looks after the visitor, and floor(), for when a bot begins to answer, or ends.
export function visitorEvents(chat) {
  const { connection, conversation, find, introduction, me, page, pageReport, sending, view } = chat;
  let presence;

  // facts: those of the team; without them it has changed, and no socket says to which.
  async function team(facts) {
    if (facts?.team !== page.serving) await import("./serving_team.js").then(({ showServingTeam }) => showServingTeam(page), () => {});
    if (facts) showPresence(facts);
  }

  // Whether somebody of the team is there.
  async function showPresence(facts) {
    presence = facts;
    const timed = !facts.open || facts.closes_at;
    const closed = timed && (await import("../shared/hours.js")).hoursLine(facts, showPresence);
    // Newer facts arrived while the module was loaded.
    if (presence !== facts) return;
    const { online, busy } = facts;
    const away = Boolean(closed) || !(online || busy);
    document.body.toggleAttribute("data-away", away);
    introduction.away(away);
    chat.withParts((parts) => parts.reach());
    find(".status .dot").className = `dot ${closed ? "off" : online ? "on" : busy ? "busy" : "off"}`;
    const bot = !find(".machine").hidden;
    find(".status-text").textContent = closed || (online ? plural("online", online) : busy ? text("online_busy") : bot ? "" : text("online_none"));
  }

  // What the team says that is new here: the site hears of it, and a line stands above what arrives
  // while nobody looks.
  function noteNews(message) {
    const news = message.sender !== me && message.kind === "message" && message.seq > conversation.timeline.last;
    if (news) chat.tellNews?.(message);
    if (!news || watched() || (view.line && conversation.unreadUpTo)) return;
    queueMicrotask(() => view.markFresh(message.seq - 1));
  }

  function nameOf(member) {
    return conversation.timeline.latest(({ sender }) => sender === member)?.sender_name || text("unnamed");
  }

  const handlers = {
    hello(event) {
      chat.greeted = true;
      if (event.me.visitor !== me) return startOver(connection, page.self);
      const [row] = event.groups;
      if (row) {
        conversation.group = row.group;
        view.seen(row.seen_seq ?? 0);
        chat.showUnread(row.unread);
        conversation.counted(row.unread);
        chat.withParts((parts) => parts.row(row));
      }
      team(event.team);
      pageReport.report();
      sending.outbox.reconnected();
      chat.read();
    },
    "message.accepted": (event) => sending.accepted(event),
    "message.posted"({ message, prev }) {
      conversation.group ??= message.group;
      if (message.sender === me) sending.posted(message.client_id);
      else chat.withParts((parts) => parts.writers.gone(message.sender));
      noteNews(message);
      chat.withParts((parts) => parts.posted(message));
      conversation.posted(message, prev);
      chat.read();
    },
    synced: () => chat.read(),
    unread({ unread }) {
      if (!unread) conversation.counted(0);
      chat.showUnread(unread);
    },
    read: ({ seq }) => view.seen(seq),
    typing: (event) => chat.withParts((parts) => parts.writers.event(event, event.name || nameOf(event.member))),
    queue(event) {
      // The head does not promise what the queue no longer does.
      find(".usual")?.toggleAttribute("hidden", event.before !== null && event.usual === null);
      chat.withParts((parts) => parts.waiting.event(event));
    },
    identity: () => chat.beginAnew(),
    "knowledge.suggested": (event) => chat.withArticles((articles) => articles.suggested(event)),
    team,
    presence: (event) => event.team === page.serving && showPresence(event),
    error(event) {
      if (event.client_id) sending.refused(event.client_id, event.code, event);
      else if (event.code === "bad_frame") sending.outbox.unreadable();
      else if (event.seq) chat.status.notify("not_done");
      // It may be the read mark: the next sync sends it again.
      else if (event.group) conversation.counted(1);
    },
  };
  return { handle: (event) => handlers[event.type]?.(event), team, floor: () => presence && showPresence(presence) };
}
