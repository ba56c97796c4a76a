// What the workspace does at each event of its socket.

import { showUnattended } from "./controls.js";
import { Versions } from "./versions.js";
import { watched } from "../connection/conversation.js";
import { startOver } from "../connection/socket.js";

// What the head of the open conversation shows of an inbox row.
const HEAD = ["open", "claimed_by", "claimed_name", "team", "team_name", "group_name", "tags", "snoozed_until", "held"];

function headOf(row) {
  return Object.fromEntries(HEAD.filter((name) => name in row).map((name) => [name, row[name]]));
}

export class WorkspaceEvents {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    // The panel is refreshed after a reconnect, once the server has said which conversations the
    // agent still sits in.
    Object.assign(this, { workspace, versions: new Versions(), connectedBefore: false, panelStale: false });
    this.handlers = {
      hello: (event) => this.hello(event),
      inbox: (event) => this.firstPage(event),
      "message.accepted": (event) => this.accepted(event),
      "message.posted": (event) => this.posted(event),
      synced: (event) => this.synced(event),
      unread: (event) => this.unread(event),
      read: (event) => this.read(event),
      typing: (event) => this.typing(event),
      viewing: (event) => event.member !== workspace.me && workspace.viewing.update(event),
      presence: (event) => this.presence(event),
      // The last note that mentions this member, or 0 once it was recalled.
      mentioned: ({ group, seq }) => workspace.column.update(group, { mentioned: seq, mentioned_seq: seq }),
      conversation: (event) => this.conversation(event),
      member: (event) => this.member(event),
      visitor: (event) => workspace.details.updateVisitor(event),
      "conversation.left": ({ group, version, into }) => this.versions.seat(group, version) && workspace.navigation.leave(group, into),
      error: (event) => this.error(event),
    };
  }

  handle(event) {
    this.handlers[event.type]?.(event);
  }

  hello(event) {
    const { connection, login, me, sending, viewing } = this.workspace;
    if (event.me.member !== me) return startOver(connection);
    login.welcome();
    this.firstPage(event);
    this.panelStale = this.connectedBefore;
    this.connectedBefore = true;
    if (event.unattended) showUnattended(document, event.unattended);
    sending.outbox.reconnected();
    viewing.connected();
    this.workspace.read();
  }

  // The inbox's first page: at hello, at the slow beat, and from polling.
  firstPage({ groups, total, ...rest }) {
    const { column, conversations, details } = this.workspace;
    column.firstPage({ ...rest, groups: groups.map((row) => this.versions.newer(row.group, row.last_seq, row)) });
    const open = groups.find(({ group }) => group === conversations.group);
    if (open) details.update(this.versions.newer(open.group, open.last_seq, headOf(open)));
    this.workspace.showUnread(total);
  }

  accepted(answer) {
    const item = this.workspace.sending.outbox.accepted(answer.client_id);
    if (item) this.stored(item, answer);
  }

  // An own message is stored: from the outbox, or with a file.
  stored(item, answer) {
    const { column, conversations, me, page } = this.workspace;
    const { name } = page;
    const kind = item.note ? "note" : "message";
    column.inbox.message({ ...answer, kind, content: item.content, sender: me, sender_name: name });
    conversations.cache.get(answer.group)?.stored(item, answer, { name, role: "agent" });
  }

  posted({ message, prev }) {
    const { column, conversations, me, sending, typing, view, writing } = this.workspace;
    const { group, sender, seq, kind } = message;
    const conversation = conversations.cache.get(group);
    const open = conversations.group === group;
    if (sender === me) {
      sending.outbox.accepted(message.client_id);
      writing.aids.files?.accepted(message.client_id);
    }
    column.inbox.message(message);
    if (message.data?.event === "erasure") {
      column.forget(group);
      // No presence event comes of a visitor who was erased.
      column.update(group, { online: false });
    }
    if (open) typing.gone(sender);
    const unseen = open && sender !== me && kind !== "notice" && !watched();
    const marked = view.line && conversation?.unreadUpTo;
    const fresh = conversation?.posted(message, prev);
    if (fresh && unseen && !marked) view.markFresh(seq - 1);
    if (open) this.workspace.read();
  }

  // `left`: of the conversations that were asked for, those in which the agent sits no more.
  synced({ left = [] }) {
    const { conversations, details, navigation } = this.workspace;
    for (const group of left) if (group !== conversations.group || details.seated) navigation.leave(group);
    if (this.panelStale) details.refresh();
    this.panelStale = false;
    this.workspace.read();
  }

  unread({ group, unread, total }) {
    this.workspace.column.inbox.update(group, { unread });
    this.workspace.showUnread(total);
  }

  read({ group, member, seq }) {
    const { column, conversations, me } = this.workspace;
    const conversation = conversations.cache.get(group);
    if (member === me && column.inbox.rows.get(group)?.mentioned) column.update(group, { mentioned: 0 });
    if (!conversation) return;
    if (member === me) conversation.readSeq = Math.max(conversation.readSeq, seq);
    else if (member === column.inbox.visitorOf(group)) {
      conversation.seenSeq = Math.max(conversation.seenSeq ?? 0, seq);
      conversation.view?.seen(conversation.seenSeq);
    }
  }

  typing(event) {
    const { conversations, details, typing } = this.workspace;
    if (event.group === conversations.group) typing.event(event, details.nameOf(event.member));
  }

  presence(event) {
    const { column, details, me, online, viewing } = this.workspace;
    details.presence(event);
    if (event.member) viewing.show();
    if (event.visitor) column.inbox.presence(event.visitor, event.online);
    if (event.member === me) online.show(event.state);
    if (event.unattended) showUnattended(document, event.unattended);
  }

  conversation({ type, group, version, ...facts }) {
    const { column, conversations, details } = this.workspace;
    const changed = this.versions.newer(group, version, facts);
    // The only message was recalled.
    if (changed.last === null) changed.last = { kind: "notice", excerpt: "", seq: 0 };
    // A whole row is for agents who sit there, since just now or still.
    const seated = facts.cursor && this.versions.seat(group, version);
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
  }

  // The server's answer about one conversation, with what was pushed meanwhile in place of what is
  // older in it.
  answered(conversation) {
    const { inbox } = this.workspace.column;
    const newest = this.versions.newest(conversation.group, conversation.last_seq, conversation);
    if (inbox.has(newest.group)) inbox.update(newest.group, headOf(newest));
    return newest;
  }

  member({ member, name, avatar }) {
    const { column, details, viewing } = this.workspace;
    column.inbox.renamed(member, name);
    details.renamed(member, name, avatar);
    viewing.show();
  }

  error(event) {
    const { navigation, sending } = this.workspace;
    if (event.client_id) sending.refused(event.client_id, event.code, event);
    else if (event.code === "not_found" && event.group && !event.member && !event.team && !event.seq) navigation.leave(event.group);
    else if (event.group) this.workspace.refused(event.code, event);
    else if (event.code === "bad_frame") sending.outbox.unreadable();
  }
}
