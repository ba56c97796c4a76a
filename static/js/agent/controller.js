// The controller of the workspace: makes the parts of the page, connects them, and does what
// concerns several of them.

import { Actions } from "./conversation/actions.js";
import { startAlertFeed } from "./alerts/alert_feed.js";
import { faceMessage } from "./avatar.js";
import { OnlineSwitch, foldPanel, showEmpty, showLoading, showCounts } from "./controls.js";
import { Conversations } from "./conversations.js";
import { Details } from "./conversation/details.js";
import { workspaceEvents } from "./events.js";
import { InboxColumn } from "./inbox/inbox_column.js";
import { layers } from "./layers.js";
import { ListWidth } from "./inbox/list_width.js";
import { MentionMarks } from "./conversation/mentions.js";
import { Navigation } from "./navigation.js";
import { Sending } from "./sending.js";
import { Shortcuts } from "./keys/shortcuts.js";
import { switchTheme } from "./theme.js";
import { showLooking, Viewing } from "./conversation/viewing.js";
import { Writing } from "./conversation/writing.js";
import { TypingIndicator } from "../composer/typing.js";
import { watched } from "../connection/conversation.js";
import { Fallback } from "../connection/delivery.js";
import { getJson, postForm } from "../connection/http.js";
import { Connection, socketUrl } from "../connection/socket.js";
import { ConnectionStatus } from "../connection/status.js";
import { has, text } from "../shared/text.js";
import { Title } from "../shared/title.js";
import { showSources } from "../thread/article_link.js";
import { ThreadView } from "../thread/thread.js";

const NOBODY = "00000000-0000-0000-0000-000000000000";
const DRAFT_SHOWN = 300;
const LOGIN_RETRY = 3_000;

export class WorkspaceController {
  // page: the body's data. find(selector): an element of the page. store: what all windows of this
  // browser share. The parts listen for keys in the order in which they are made.
  constructor({ page, find, store }) {
    Object.assign(this, { page, find, store, me: page.me, place: `kefu:agent:${page.me}` });
    this.href = (group) => page.conversation.replace(NOBODY, group);
    // A request failed: only a login can be asked for, everything else is tried again.
    this.failed = (failure) => failure?.code === "unauthorised" && this.login.ask();
    this.title = new Title(document, find(".back .pill"));
    this.status = new ConnectionStatus(find(".connection"));
    this.navigation = new Navigation(this);
    this.addThread();
    this.addInbox();
    this.addConnection();
    this.writing = new Writing(this);
    this.addOffers();
    this.addLogin();
    this.online = new OnlineSwitch(find(".online"), this.failed);
    switchTheme(find(".rail"), this.failed);
    // Before the shortcuts: Escape closes the panel first.
    foldPanel(find(".panel"), find(".panel-open"), find(".panel-close"), find(".thread"));
    for (const menu of document.querySelectorAll(".menu, .closing, .view-menu, .online")) layers.watch(menu);
    if (layers.touched) import("./phone.js").then(({ fitWindow, offerPhoto }) => {
      fitWindow(document.documentElement);
      offerPhoto(find(".photo"));
    });
    this.shortcuts = new Shortcuts({
      root: document.body,
      store,
      rows: () => this.column.inbox.known(),
      look: async (q) => (await getJson(`${page.search}?${new URLSearchParams({ q })}`)).conversations,
      articles: async (words) => (await this.articles)?.choices(words) ?? [],
      open: (group) => this.navigation.go(group),
      chosen: () => !this.navigation.untouched,
      pick: (button) => this.actions.pick(button),
    });
    this.events = workspaceEvents(this);
    if ("live" in page) this.addWholeQueue();
    if ("assistant" in page) this.assistant = import("./assistant/assistant.js").then(({ Assistant }) => new Assistant(this), () => null);
  }

  // The open conversation: its messages, what stands around them, and what can be done with it.
  addThread() {
    const { page, find, me, href } = this;
    this.details = new Details({
      root: document.body,
      template: find("#seat-template"),
      me,
      manager: "manager" in page,
      onChange: (facts, members) => {
        this.actions.show(facts, members);
        this.showChannel(facts);
        if ("articles" in page) this.articles ??= import("./conversation/articles.js").then(({ Articles }) => new Articles(this));
        this.viewing.show();
        this.mentions.show();
      },
      about: { href, onOpen: (group) => this.navigation.go(group), onFailure: this.failed },
    });
    this.actions = new Actions({
      root: find(".head-actions"),
      me,
      manager: "manager" in page,
      send: (frame) => this.connection.send(frame),
      post: (group, fields) => postForm(`${href(group)}actions/`, fields),
      load: () => getJson(page.colleagues),
      labels: { root: document.body, load: () => getJson(page.tags), onChoose: (to) => this.choose(to) },
      onFailure: (code, facts) => this.refused(code, facts),
      onWait: (key) => this.status.notify(key),
      onCalm: (keys) => this.status.dismiss(keys),
      onFinished: (group) => "opensNext" in page && this.navigation.next(group),
      undo: {
        root: find(".toasts"),
        onLeft: () => this.shortcuts.left(),
        onBack: (group) => this.navigation.unfinished(group),
      },
    });
    this.view = new ThreadView({
      root: find(".conversation"),
      template: find("#message-template"),
      me,
      onAction: (name, clientId) => this.writing.act(name, clientId),
      onEnd: () => this.read(),
      onTop: () => this.conversations.current?.older()?.catch(this.failed),
      dress: (element, message) => {
        faceMessage(element, message, this.details.members);
        showSources(this.view, element, message);
      },
    });
    this.mentions = new MentionMarks({ list: this.view.list, members: () => this.details.members });
    this.conversations = new Conversations({
      me,
      view: this.view,
      href,
      newest: (conversation) => this.events.answered(conversation),
      onShow: (conversation) => this.navigation.show(conversation),
      onFacts: (conversation) => {
        this.details.open(conversation);
        this.read();
      },
      onFilled: () => this.read(),
      onLoading: (loading) => showLoading(find(".thread"), loading),
      onFailure: (failure, group) => this.navigation.notLoaded(failure, group),
    });
    this.typing = new TypingIndicator({
      element: find(".typing"),
      line: (name, draft) =>
        typeof draft === "string" ? text("typing_draft", { name, draft: draft.slice(0, DRAFT_SHOWN) }) : text("typing", { name }),
    });
    this.viewing = new Viewing({
      send: (frame) => this.connection.send(frame),
      onChange: (people) => showLooking(find(".looking"), find("#looking-template"), people, find(".seats.in-head").children),
      isAway: (who) => this.details.members.some(({ member, state }) => member === who && state === "away"),
    });
  }

  // A tag of the open conversation was chosen: the list shows its conversations.
  choose(to) {
    if (layers.narrow) this.navigation.go(null);
    this.column.go(to);
  }

  // The channel by which the visitor writes, and the other ways to reach them.
  showChannel({ channel, reach }) {
    if (channel || reach) this.channel ??= import("./channel/channel.js").then(({ Channel }) => new Channel(this));
    this.channel?.then((one) => one.show(), () => (this.channel = null));
  }

  addInbox() {
    const { page, find, me, href, store, place, conversations } = this;
    this.column = new InboxColumn({
      root: find(".inbox"),
      template: find("#row-template"),
      page,
      me,
      href,
      unsent: (group) => Boolean(store.get(this.writing.draftKey(group)) || this.sending.outbox.itemsOf(group).length),
      onOpen: (group, seq) => this.navigation.go(group, true, seq),
      onEmpty: (empty, known) => showEmpty(document.body, empty, known),
      onCounts: (counts) => showCounts(document.body, counts),
      onFailure: this.failed,
    });
    if ("several" in page) this.addSeveral();
    this.width = new ListWidth({ handle: find(".list-width"), list: find(".inbox"), page: document.body, store, key: `${place}:list-width` });
    this.alerts = startAlertFeed({
      ...{ me, url: page.alerts, icon: page.icon, store, place, column: this.column, conversations },
      go: (group) => this.navigation.go(group),
      send: (frame) => this.connection.send(frame),
    });
  }

  // Several rows at once, for those who may.
  async addSeveral() {
    const { page, find, me, column, actions } = this;
    const { Several } = await import("./inbox/several.js");
    await Several.load({
      ...{ me, url: page.several, root: find(".inbox"), inbox: column.inbox },
      load: () => getJson(page.colleagues),
      tell: (words, onUndo) => actions.tell(words, onUndo),
      onFailure: this.failed,
    });
  }

  // The queues of all teams, for those who see them.
  async addWholeQueue() {
    const { WholeQueue } = await import("./inbox/whole_queue.js");
    new WholeQueue({ address: this.page.live, column: this.column, onPage: (answer) => this.events.firstPage(answer) });
  }

  // Its code is loaded when a session has ended, which most pages never see.
  addLogin() {
    const { connection, find, store } = this;
    const loaded = () => {
      this.asking ??= import("./login.js").then(
        ({ Login }) => new Login({ dialog: find("dialog.login"), connection, store, key: `${this.place}:login` }),
      );
      return this.asking;
    };
    const call = (name) => loaded().then((login) => login[name](), () => {
      this.asking = null;
      setTimeout(() => connection.open(), LOGIN_RETRY);
    });
    this.login = {
      ask: () => void call("ask"),
      refused: () => void call("refused"),
      welcome: () => this.asking && void call("welcome"),
    };
  }

  // The socket, what stands in for it while it is down, and what goes out by either.
  addConnection() {
    const { page, find, view, href, store, place, conversations, column } = this;
    this.connection = new Connection({
      url: socketUrl(page.socket),
      inbox: () => column.chosen.fields,
      completeSeqs: () => conversations.completeSeqs,
      onEvent: (event) => {
        this.events.handle(event);
        this.alerts.handle(event);
      },
      onState: (state, code) => {
        this.fallback.connection(state);
        if (code === 4401) this.login.refused();
        else this.status.state(state, code);
        find(".composer").inert = state === "stopped" && code !== 4401;
      },
    });
    this.fallback = new Fallback({
      poll: () => this.poll(),
      onActive: (active) => this.status.active(active),
    });
    this.sending = new Sending({
      ...{ page, store, connection: this.connection, fallback: this.fallback, conversations, view, href },
      prefix: `${place}:outbox:`,
      onAccepted: (answer) => this.events.accepted(answer),
      onUnauthorised: () => this.login.ask(),
    });
  }

  // What is offered to this agent.
  addOffers() {
    const { find, column } = this;
    let loaded = null;
    const begin = async ({ Offers }) => {
      const offers = await Offers.load({
        root: find(".offers"),
        template: find("#offer-template"),
        rowOf: (group) => column.rowOf(group),
        send: (frame) => this.connection.send(frame),
        open: (group) => this.navigation.go(group),
        ring: (offer, row) => this.alerts.offered(offer, row),
        notify: (key) => this.status.notify(key),
        onLeft: () => this.shortcuts.left(),
      });
      offers.listen(document);
      return offers;
    };
    // The card comes with the first offer. Without a network the next `synced` fetches it.
    const load = () => (loaded ??= import("./inbox/offers.js").then(begin));
    const failed = () => (loaded = null);
    this.offers = {
      all: (open) => (open.length || loaded) && load().then((offers) => offers.all(open), failed),
      offered: (offer) => load().then((offers) => offers.offered(offer), failed),
      ended: (event) => loaded?.then((offers) => offers.ended(event), failed),
    };
  }

  // Asks by plain requests for what the socket would bring.
  async poll() {
    this.sending.outbox.flush();
    const inbox = this.column.load().then((answer) => this.events.firstPage(answer));
    await Promise.all([this.conversations.current?.catchUp(), inbox]).catch((failure) => {
      this.failed(failure);
      throw failure;
    });
    this.read();
  }

  // Tells the server how far the open conversation is read, if somebody sees its end.
  read() {
    const { current } = this.conversations;
    const seq = current?.unreadUpTo;
    if (!seq || this.navigation.untouched || !this.details.seated || !watched() || !this.view.anchor.atEnd) return;
    // On a phone the panel covers it.
    if (!this.find(".opened").offsetParent || (layers.narrow && this.find(".panel[data-open]"))) return;
    if (this.connection.send({ type: "message.read", group: current.group, seq })) current.readSeq = seq;
    else if (this.fallback.active) {
      current.readSeq = seq;
      postForm(`${this.href(current.group)}read/`, { seq }).then(() => current.isRead(seq), this.failed);
    }
  }

  // An action was refused: `code` is the protocol's error code.
  refused(code, facts = {}) {
    this.actions.answered();
    if (code === "unauthorised") return this.login.ask();
    const key = has(`refused_${code}`) ? `refused_${code}` : "refused_other";
    this.status.notify(key, { name: facts.claimed_name ?? "…" });
  }
}
