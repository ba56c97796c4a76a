// What the visitor's page does at each event of its socket.

import { watched } from "../connection/conversation.js";
import { startOver } from "../connection/socket.js";
import { text } from "../shared/text.js";

export class VisitorEvents {
  // chat: the VisitorController.
  constructor(chat) {
    Object.assign(this, { chat, connectedBefore: false });
    this.handlers = {
      hello: (event) => this.hello(event),
      "message.accepted": (event) => chat.sending.accepted(event),
      "message.posted": (event) => this.posted(event),
      synced: () => chat.read(),
      unread: ({ unread }) => chat.showUnread(unread),
      read: ({ seq }) => chat.view.seen(seq),
      typing: (event) => chat.typing.event(event, event.name ?? this.nameOf(event.member)),
      queue: (event) => chat.withParts((parts) => parts.queue(event)),
      identity: () => chat.beginAnew(),
      team: (event) => chat.team.update(event),
      presence: (event) => event.team === chat.page.serving && chat.team.showOnline(event),
      error: (event) => this.error(event),
    };
  }

  handle(event) {
    this.handlers[event.type]?.(event);
  }

  hello({ me: { visitor }, groups: [row], team }) {
    const { chat } = this;
    this.connectedBefore = true;
    if (visitor !== chat.me) return startOver(chat.connection, chat.page.self);
    if (row) {
      chat.conversation.group = row.group;
      chat.view.seen(row.seen_seq ?? 0);
      chat.showUnread(row.unread);
      chat.withParts((parts) => parts.row(row));
    }
    chat.team.update(team);
    chat.pageReport.report();
    chat.sending.outbox.reconnected();
    chat.read();
  }

  posted({ message, prev }) {
    const { chat } = this;
    chat.conversation.group ??= message.group;
    if (message.sender === chat.me) chat.sending.posted(message.client_id);
    else chat.typing.gone(message.sender);
    this.markFresh(message);
    chat.withParts((parts) => parts.posted(message));
    chat.conversation.posted(message, prev);
    chat.read();
  }

  // A line above what comes while nobody looks.
  markFresh(message) {
    const { conversation, me, view } = this.chat;
    const news = message.sender !== me && message.kind === "message" && message.seq > conversation.timeline.last;
    if (!news || watched() || (view.line && conversation.unreadUpTo)) return;
    queueMicrotask(() => view.markFresh(message.seq - 1));
  }

  nameOf(member) {
    const { timeline } = this.chat.conversation;
    return timeline.latest(({ sender }) => sender === member)?.sender_name ?? text("team");
  }

  error(event) {
    const { sending } = this.chat;
    if (event.client_id) sending.refused(event.client_id, event.code, event);
    else if (event.code === "bad_frame") sending.outbox.unreadable();
  }
}
