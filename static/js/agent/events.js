// What the workspace does at each event of its socket.

import { showPaused, showUnattended } from "./controls.js";
import { Versions } from "./versions.js";
import { watched } from "../connection/conversation.js";
import { startOver } from "../connection/socket.js";

// What the head of the open conversation shows of an inbox row.
const HEAD = ["open", "claimed_by", "claimed_name", "bot", "bot_name", "team", "team_name", "group_name", "tags", "snoozed_until", "quarantined", "channel", "window"];

function headOf(row) {
  return Object.fromEntries(HEAD.filter((name) => name in row).map((name) => [name, row[name]]));
}

// workspace: the WorkspaceController with all its parts. Returns what else they use: handle(event),
// and accepted(), answered(), firstPage() and stored(), for what arrives without a socket.
export function workspaceEvents(workspace) {
  const { column, conversations, details, me, navigation, offers, sending, typing, view, viewing, writing } = workspace;
  const { name } = workspace.page;
  const { inbox } = column;
  const { outbox } = sending;
  const versions = new Versions();
  // The panel is refreshed after a reconnect, once the server has said where the agent still sits.
  let connectedBefore = false;
  let panelStale = false;
  inbox.newer = (row) => versions.newest(row.group, row.last_seq, row);

  // The inbox's first page: at hello, at the slow beat, and from polling.
  function firstPage(page) {
    const { groups, total } = page;
    column.firstPage(page);
    const open = groups.find(({ group }) => group === conversations.group);
    if (open) details.update(versions.newer(open.group, open.last_seq, headOf(open)));
    for (const { group, unread } of groups) conversations.cache.get(group)?.counted(unread);
    workspace.title.unread(total);
    workspace.read();
  }

  function accepted(answer) {
    const item = outbox.accepted(answer.client_id);
    if (item) stored(item, answer);
  }

  // An own message is stored: from the outbox, or with a file.
  function stored(item, answer) {
    const kind = item.note ? "note" : "message";
    inbox.message({ ...answer, kind, content: item.content, sender: me, sender_name: name });
    conversations.cache.get(answer.group)?.stored(item, answer, { name, role: "agent" });
    workspace.assistant?.then((assistant) => assistant?.sent(item, answer));
  }

  // The server's answer about one conversation, with what was pushed meanwhile in place of what is
  // older in it.
  function answered(conversation) {
    const newest = versions.newest(conversation.group, conversation.last_seq, conversation);
    if (inbox.has(newest.group)) inbox.update(newest.group, headOf(newest));
    if (conversation.draft) handle(conversation.draft);
    return newest;
  }

  const handlers = {
    hello(event) {
      if (event.me.member !== me) return startOver(workspace.connection);
      workspace.login.welcome();
      if (connectedBefore) {
        column.broken = true;
        inbox.forgetOthers();
      }
      firstPage(event);
      panelStale = connectedBefore;
      connectedBefore = true;
      if (event.unattended) showUnattended(document, event.unattended);
      workspace.online.show(event.state);
      showPaused(document, event.state === "away");
      offers.all(event.offers);
      outbox.reconnected();
      viewing.connected();
    },
    inbox: firstPage,
    "message.accepted": accepted,
    "message.posted"({ message, prev }) {
      const { group, sender, seq, kind } = message;
      const conversation = conversations.cache.get(group);
      const open = conversations.group === group;
      if (sender === me) {
        outbox.accepted(message.client_id);
        writing.aids.files?.accepted(message.client_id);
      }
      inbox.message(message);
      if (message.data?.event === "erasure") {
        column.forget(group);
        // No presence event comes of a visitor who was erased.
        column.update(group, { online: false });
      }
      if (open && message.data?.event?.startsWith("legal_hold")) details.refresh();
      if (open) typing.gone(sender);
      const unseen = open && sender !== me && kind !== "notice" && !watched();
      const marked = view.line && conversation?.unreadUpTo;
      const fresh = conversation?.posted(message, prev);
      if (fresh && unseen && !marked) view.markFresh(seq - 1);
      if (open) workspace.read();
    },
    "message.delivery"({ group, seq, delivery }) {
      const last = inbox.rows.get(group)?.last;
      const newest = conversations.cache.get(group)?.timeline.latest(({ kind }) => kind === "message")?.seq;
      const behind = last?.kind === "note" && delivery.state === "failed" && !(newest > seq);
      if (last?.seq === seq || behind) inbox.update(group, { last: { ...last, data: { ...last.data, delivery } } });
    },
    // `left`: of the conversations that were asked for, those without a seat, also where there was none.
    synced({ left = [], offers: open }) {
      if (open) offers.all(open);
      for (const group of left) if (group === conversations.group ? details.seated : inbox.rows.get(group)?.seated !== false) navigation.leave(group, null);
      if (panelStale) details.refresh();
      panelStale = false;
      workspace.read();
    },
    unread({ group, unread, total }) {
      if (!unread) conversations.cache.get(group)?.counted(0);
      inbox.update(group, { unread });
      workspace.title.unread(total);
    },
    read({ group, member, seq }) {
      const conversation = conversations.cache.get(group);
      if (member === me && inbox.rows.get(group)?.mentioned) column.update(group, { mentioned: 0 });
      if (!conversation) return;
      if (member === me) conversation.isRead(seq);
      else if (member === inbox.visitorOf(group)) {
        conversation.seenSeq = Math.max(conversation.seenSeq ?? 0, seq);
        conversation.view?.seen(conversation.seenSeq);
      }
    },
    typing: (event) => event.group === conversations.group && typing.event(event, details.nameOf(event.member)),
    viewing: (event) => event.member !== me && viewing.update(event),
    presence(event) {
      details.presence(event);
      if (event.member) viewing.show();
      if (event.visitor) inbox.presence(event.visitor, event.online);
      if (event.member === me) {
        workspace.online.show(event.state);
        if (event.state !== "away") showPaused(document, false);
      }
    },
    unattended: ({ teams }) => showUnattended(document, teams),
    offer: (event) => offers.offered(event),
    "offer.ended": (event) => offers.ended(event),
    "knowledge.suggested": (event) => workspace.articles?.then((articles) => articles.suggested(event)),
    "offers.paused"() {
      workspace.online.show("away");
      showPaused(document, true);
      workspace.status.notify("offers_paused");
    },
    // The last note that mentions this member, or 0 once it was recalled.
    mentioned: ({ group, seq }) => column.update(group, { mentioned: seq, mentioned_seq: seq }),
    conversation({ type, group, version, ...facts }) {
      const changed = versions.newer(group, version, facts);
      // The only message was recalled.
      if (changed.last === null) changed.last = { kind: "notice", excerpt: "", seq: 0 };
      // A whole row is for agents who sit there, since just now or still.
      const seated = facts.cursor && versions.seat(group, version);
      if (!facts.cursor || seated) column.update(group, changed);
      // `visitor` is a uuid here, and the whole person in what the panel shows.
      const { visitor, ...rest } = changed;
      const conversation = conversations.cache.get(group);
      if (conversation?.facts) Object.assign(conversation.facts, rest);
      if (group !== conversations.group) return;
      // An agent who was invited may write from now on.
      if (seated) details.sit(true);
      details.update(rest);
      if (rest.open === false || rest.rating) details.refresh();
    },
    member(event) {
      inbox.renamed(event.member, event.name);
      details.renamed(event.member, event.name, event.avatar);
      viewing.show();
    },
    visitor: (event) => details.updateVisitor(event),
    "conversation.left": ({ group, version, into }) => versions.seat(group, version) && navigation.leave(group, into),
    error(event) {
      // Of the assistant, which says so itself.
      if (event.frame) return;
      if (event.client_id) sending.refused(event.client_id, event.code, event);
      else if (event.code === "merged") navigation.leave(event.group, event.into);
      else if (event.code === "not_found" && event.group && !event.member && !event.team && !event.seq) navigation.leave(event.group);
      else if (event.group) workspace.refused(event.code, event);
      else if (event.code === "bad_frame") outbox.unreadable();
    },
  };

  function handle(event) {
    handlers[event.type]?.(event);
    workspace.assistant?.then((assistant) => assistant?.handle(event));
    workspace.channel?.then((channel) => channel.handle(event), () => {});
    workspace.app?.handle(event);
  }

  return { handle, accepted, answered, firstPage, stored };
}
