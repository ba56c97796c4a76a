// Makes the parts of the visitor's page, connects them, and does what concerns several of them.

import { visitorEvents } from "./events.js";
import { Introduction } from "./introduction.js";
import { PageReport } from "./page_report.js";
import { Sending } from "./sending.js";
import { Conversation, watched } from "../connection/conversation.js";
import { Fallback } from "../connection/delivery.js";
import { Connection, socketUrl, startOver } from "../connection/socket.js";
import { ConnectionStatus } from "../connection/status.js";
import { lastSeqOf, Timeline } from "../connection/timeline.js";
import { text } from "../shared/text.js";
import { ThreadView } from "../thread/thread.js";

const FORMER = "kefu:former";

export class VisitorController {
  // page: the body's data. find(selector): an element of the page. store: what all windows of this
  // browser share; tab: what this tab keeps. greeted: whether the socket has said hello. host: the
  // HostPage, inside a widget. parts: a promise of the ConversationParts.
  constructor({ page, find, store, tab }) {
    Object.assign(this, { page, find, store, tab, me: page.me, greeted: false, host: null, parts: null, undone: null });
    this.place = this.placeOf(this.me);
    this.unread = 0;
    this.introduction = new Introduction(find(".introduction"));
    this.status = new ConnectionStatus(find(".connection"));
    this.addConversation();
    this.addConnection();
    this.addMenu();
    this.addSteps();
    this.sending = new Sending(this);
    this.pageReport = new PageReport({ send: (frame) => this.connection.send(frame), host: page.host });
    this.events = visitorEvents(this);
  }

  // Where this visitor's texts and drafts are kept in the store.
  placeOf(visitor) {
    return `kefu:${this.page.ent}:${this.page.team}:${visitor}`;
  }

  addConversation() {
    const { page, find, me } = this;
    this.view = new ThreadView({
      root: find(".conversation"),
      template: find("#message-template"),
      me,
      onAction: (name, clientId) => this.sending.act(name, clientId),
      onEnd: () => this.read(),
      onTop: () => this.conversation.older()?.catch(() => {}),
      leaves: (message) => this.leaves(message),
    });
    const messages = this.view.adopt(Number(page.seenSeq) || 0);
    this.conversation = new Conversation({
      group: page.group || null,
      url: page.messages,
      timeline: new Timeline({ messages, completeTo: Number(page.lastSeq) || 0, more: "more" in page }),
      readSeq: readBefore(messages, Number(page.unread) || 0, me),
      me,
      view: this.view,
      onOlder: (more) => (find(".greeting").hidden = more),
      onFilled: () => this.read(),
    });
  }

  // Whether a message is left out: the opening, which connects to nobody yet, and see undone.js.
  leaves(message) {
    return message.data?.event === "opened" || Boolean(this.undone?.leaves(message));
  }

  // What is not shown, or not yet, of a close that may be undone at once. A promise; without a
  // network it is fetched again with the next event.
  addUndone() {
    this.undoing ??= import("./undone.js").then(({ joinUndone }) => joinUndone(this)).catch(() => (this.undoing = null));
    return this.undoing;
  }

  // The socket, and what stands in for it while it is down.
  addConnection() {
    const { page, find, conversation } = this;
    this.connection = new Connection({
      url: socketUrl(page.socket),
      patient: true,
      completeSeqs: () => (conversation.group ? { [conversation.group]: conversation.timeline.completeTo } : {}),
      onEvent: (event) => this.events.handle(event),
      onState: (state, code) => {
        // Another visitor by now: signed in or out on the site around in any window, or erased.
        if (code === 4401 && this.greeted) return this.beginAnew();
        // Not let in once more: all of that is shown.
        if (code === 4403 && "stopped" in document.body.dataset) return;
        this.status.state(state, code);
        document.body.toggleAttribute("data-stopped", state === "stopped");
        find(".composer").inert = state === "stopped";
        // No cookie came along: a frame of another site may keep none in this browser.
        find(".own-window")?.toggleAttribute("hidden", code !== 4401);
        this.fallback.connection(state);
        if (code === 4403) import("./blocked.js").then(({ sayUntil }) => sayUntil(page.messages, this.status), () => {});
      },
    });
    this.fallback = new Fallback({
      poll: async () => {
        this.sending.outbox.flush();
        await conversation.catchUp();
        this.read();
      },
      onActive: (active) => this.status.active(active),
    });
  }

  // The menu is there before a conversation; what it says of that comes with it.
  addMenu() {
    const menu = this.find(".chat-menu");
    const load = async () => {
      const { Menu } = await import("./menu.js");
      const sound = async () => (await this.parts)?.sounds.load();
      new Menu({ menu, sound, onEnded: () => this.conversation.catchUp().catch(() => {}) });
    };
    // Without it the plain forms do the same.
    menu.addEventListener("toggle", () => load().catch(() => {}), { once: true });
  }

  // On a narrow screen the introduction asks for one thing after the other.
  addSteps() {
    const { introduction } = this;
    if (!introduction.root || !matchMedia("(max-width: 479px)").matches) return;
    const done = () => this.sending.composer.field.focus();
    import("./introduction_steps.js").then(
      ({ IntroductionSteps }) => (introduction.steps = new IntroductionSteps({ introduction, done })),
      () => {},
    );
  }

  // Something was written: the page makes room for it.
  begin() {
    if (!("first" in this.page)) return;
    delete this.page.first;
    this.find(".questions").open = false;
  }

  // Tells the server how far the visitor has read, if they see the end.
  read() {
    const { conversation } = this;
    this.withParts((parts) => parts.show(conversation));
    const seq = conversation.unreadUpTo;
    if (!seq || !conversation.group || !watched() || !this.view.anchor.atEnd) return;
    if (this.connection.send({ type: "message.read", group: conversation.group, seq })) conversation.readSeq = seq;
  }

  // Does `step` with what a conversation brings along beside its messages, once there is one.
  withParts(step) {
    if (!this.conversation.group) return;
    this.begin();
    this.addUndone();
    // No network: fetched again with the next event.
    this.parts ??= import("./conversation_parts.js").then(({ joinParts }) => joinParts(this), () => (this.parts = null));
    this.parts.then((parts) => parts && step(parts));
  }

  // Does `step` with the articles of the help centre, which are loaded when they are first used.
  withArticles(step = () => {}) {
    this.articles ??= import("./articles.js").then(({ joinArticles }) => joinArticles(this)).catch(() => (this.articles = null));
    return this.articles.then((articles) => articles && step(articles));
  }

  showUnread(count) {
    this.unread = count;
    this.withParts((parts) => parts.title.unread(this.unread));
    this.tellHost();
  }

  // In a site's widget the button around this page shows what is unread.
  tellHost() {
    this.host?.sendState({ unread: this.unread, known: Boolean(this.conversation.group) });
  }

  // The page begins anew as another visitor, once the answer that brings the cookie is here. Who has
  // no name cannot be signed out: this tab's next page is of the same person, erased or signed in.
  // Who has one was erased where the timeline says so; else they have signed out.
  beginAnew() {
    if (!("former" in this.page) || this.conversation.timeline.erased) this.tab.set(FORMER, this.me);
    this.connection.stop();
    setTimeout(() => startOver(this.connection, this.page.self), 1_000);
  }

  // Takes over texts and drafts of who they were before: as the server knows it, else this tab.
  async inheritFormer() {
    const former = this.page.former ?? this.tab.get(FORMER);
    if (former && former !== this.me) {
      const { inherit } = await import("./inheritance.js").catch(() => ({}));
      // No network: the next page tries again.
      if (!inherit) return;
      inherit(this.store, this.placeOf(former), this.place);
    }
    this.tab.remove(FORMER);
  }
}

// The seq before the oldest of the last `unread` messages of the other side, or where there are more
// of them than `messages` has, before all.
export function readBefore(messages, unread, me) {
  const theirs = messages.filter(({ sender, kind }) => sender !== me && kind === "message");
  const first = theirs[theirs.length - unread] ?? messages[0];
  return unread && first ? first.seq - 1 : lastSeqOf(messages);
}
