// The visitor's page: finds its elements and wires the parts together.

import { ConnectionBar } from "../connection/bar.js";
import { Composer, helpLater } from "../composer/composer.js";
import { Conversation, readBefore, watched } from "../connection/conversation.js";
import { Delivery, points, prover } from "../connection/delivery.js";
import { Fallback } from "../connection/fallback.js";
import { keepTokensFresh } from "../connection/http.js";
import { Introduction } from "./introduction.js";
import { inherit, openStore, openTab, Outbox } from "../connection/outbox.js";
import { Connection, socketUrl, startOver, wakeWith } from "../connection/socket.js";
import { load, plural, text } from "../shared/text.js";
import { ThreadView } from "../thread/thread.js";
import { Timeline } from "../connection/timeline.js";
import { Title } from "../shared/title.js";
import { TypingShown, TypingTeller } from "../composer/typing.js";
import { Whereabouts } from "./whereabouts.js";

const FORMER = "kefu:former";

load(document);
const page = document.body.dataset;
const me = page.me;
const store = openStore();
const tab = openTab();
const placeOf = (visitor) => `kefu:${page.ent}:${page.team}:${visitor}`;
const place = placeOf(me);
const find = (selector) => document.querySelector(selector);

const title = new Title(document);
let site = null;
let greeted = false;
const asking = new Introduction(find(".introduction"));
const bar = new ConnectionBar(find(".connection"));
const view = new ThreadView({
  root: find(".conversation"),
  template: find("#message-template"),
  me,
  onAction: act,
  onEnd: read,
  onTop: () => conversation.older()?.catch(() => {}),
});
const shown = view.adopt(Number(page.seenSeq) || 0);
const conversation = new Conversation({
  group: page.group || null,
  url: page.messages,
  timeline: new Timeline({ messages: shown, held: Number(page.lastSeq) || 0, more: "more" in page }),
  readSeq: readBefore(shown, Number(page.unread) || 0, me),
  me,
  view,
  onOlder: (more) => (find(".greeting").hidden = more),
  onFilled: read,
});

const typing = new TypingShown({ element: find(".typing"), line: (name) => text("typing", { name }) });
const teller = new TypingTeller({
  drafts: "drafts" in page,
  send: (draft) => conversation.group && connection.send({ type: "typing", group: conversation.group, draft }),
});

const connection = new Connection({
  url: socketUrl(page.socket),
  patient: true,
  held: () => (conversation.group ? { [conversation.group]: conversation.timeline.held } : {}),
  onEvent: (event) => handlers[event.type]?.(event),
  onState(state, code) {
    // Somebody else by now: signed in or out on the site around, in whichever window, or erased.
    if (code === 4401 && greeted) return beginAnew();
    bar.state(state, code);
    document.body.toggleAttribute("data-stopped", state === "stopped");
    find(".composer").inert = state === "stopped";
    // No cookie came along: a frame of another site may keep none in this browser.
    find(".own-window")?.toggleAttribute("hidden", code !== 4401);
    fallback.connection(state);
  },
});
const fallback = new Fallback({
  async poll() {
    outbox.flush();
    await conversation.catchUp();
    read();
  },
  onActive: (active) => bar.active(active),
});
const delivery = new Delivery({
  connection,
  fallback,
  frame: ({ client_id, content, introduction, ...item }) => ({ type: "message.send", client_id, content, ...points(item), ...(introduction && { introduction }) }),
  url: () => page.messages,
  fields: ({ client_id, content, introduction, ...item }) => ({ me: page.me, client_id, content, ...points(item), ...introduction }),
  onAccepted(answer) {
    accepted(answer);
    outbox.flush();
  },
  onRefused: refused,
});
const outbox = new Outbox({
  store,
  prefix: `${place}:outbox:`,
  transport: (item) => delivery.send(item),
  onChange: (item) => view.showPending(outbox.shown(item)),
});
const prove = prover((id, proof) => outbox.release(id, { proof }));
const composer = new Composer({
  form: find(".composer"),
  store,
  ready: () => asking.take() !== null,
  onInput: (draft) => teller.input(draft),
  onSend(content, note, extra) {
    teller.stop();
    return send(content, extra);
  },
});
const later = helpLater({
  composer,
  view,
  me,
  store,
  conversation: () => conversation,
  recall: (seq) => connection.send({ type: "message.recall", group: conversation.group, seq }),
  target: () => ({ group: null, url: page.messages, fields: { me, ...asking.said } }),
  onStored: stored,
});

const whereabouts = new Whereabouts({
  send: (frame) => connection.send(frame),
  host: page.host,
});

const handlers = {
  hello({ me: { visitor }, groups, team }) {
    greeted = true;
    if (visitor !== me) return startOver(connection, page.self);
    if (groups[0]) {
      conversation.group = groups[0].group;
      view.seen(groups[0].seen_seq ?? 0);
      showUnread(groups[0].unread);
      visit((one) => one.row(groups[0]));
    }
    serve(team);
    whereabouts.tell();
    outbox.reconnected();
    read();
  },
  "message.accepted": accepted,
  "message.posted"({ message, prev }) {
    conversation.group ??= message.group;
    if (message.sender === me) {
      entered(outbox.accepted(message.client_id));
      later.files?.accepted(message.client_id);
    } else typing.gone(message.sender);
    noteFresh(message);
    visit((one) => one.posted(message));
    conversation.posted(message, prev);
    read();
  },
  synced: read,
  unread: ({ unread }) => showUnread(unread),
  read: ({ seq }) => view.seen(seq),
  typing: (event) => typing.event(event, event.name ?? nameOf(event.member)),
  queue: (event) => visit((one) => one.queue(event)),
  identity: beginAnew,
  team: serve,
  presence: (event) => event.team === page.serving && showOnline(event),
  error(event) {
    if (event.client_id) refused(event.client_id, event.code, event);
    else if (event.code === "bad_frame") outbox.unreadable();
  },
};

// What there is beside the messages, once there are any.
let visiting = null;
function visit(step) {
  if (!conversation.group) return;
  visiting ??= import("./visit.js").then(
    ({ Visit }) =>
      new Visit({
        ...{ me, page, store, find },
        ask: () => connection.send({ type: "queue" }),
        // Shown at once, also where no socket tells it.
        onEnded: () => conversation.catchUp().catch(() => {}),
        onMoved: () => connection.send({ type: "team" }) || serve(),
      }),
    // No network: asked for again with what comes next.
    () => (visiting = null),
  );
  visiting.then((one) => one && step(one));
}

function send(content, extra) {
  const said = asking.take();
  if (!said) return false;
  view.clearFresh();
  view.showPending(outbox.shown(outbox.add({ group: null, content, ...extra, ...said })));
  outbox.flush();
  return true;
}

// A moment later, when the answer that brings the cookie is here, too. Who has no name yet cannot be
// signed out, so whoever this tab's next page is of is the same person: erased, or signed in. Of one
// who has a name it is where all was erased; else they have signed out.
function beginAnew() {
  if (!("former" in page) || conversation.timeline.erased) tab.set(FORMER, me);
  connection.stop();
  setTimeout(() => startOver(connection, page.self), 1_000);
}

function accepted(answer) {
  const item = outbox.accepted(answer.client_id);
  conversation.group ??= answer.group;
  if (item) stored(item, answer);
}

// What was wrong with an introduction is mended there, so the text comes back to be sent again.
function refused(id, code, facts) {
  const item = outbox.refused(id, code, facts);
  if (item && facts.challenge) prove(id, facts.challenge);
  if (!item || !facts.field) return;
  act("edit", id);
  asking.wrong(facts.field);
}

function stored(item, answer) {
  conversation.group ??= answer.group;
  entered(item);
  conversation.stored(item, answer, { name: text("you"), role: "visitor" });
  tellSite();
}

function entered(item) {
  if (asking.before) find(".greeting").hidden = true;
  asking.stored(item);
}

function showUnread(count) {
  title.unread(count);
  tellSite();
}

// What the visitor read on the site and answers now stands where the greeting did, until it comes
// back as the first message.
function hear({ text: words, name, rule, visit }) {
  if (conversation.group) return;
  find(".greeting .name").textContent = name;
  find(".greeting .body").textContent = words;
  asking.before = rule ? { rule } : { visit };
}

// By hand the panel was opened: on to the text, but for a keyboard that would cover half a screen.
function enter() {
  if (matchMedia("(pointer: fine)").matches) composer.field.focus();
  read();
}

// Quick questions: a tap asks. A double click is one tap.
let pressed = -Infinity;
find(".questions")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { content, question } = Object.fromEntries(new FormData(event.target));
  if (event.timeStamp - pressed > 1000 && send(content, { question: Number(question) })) pressed = event.timeStamp;
});

// In a site's widget the button around this page shows what is unread.
function tellSite() {
  site?.tell({ unread: title.count, known: Boolean(conversation.group) });
}

// A line above what comes while nobody looks.
function noteFresh(message) {
  const news = message.sender !== me && message.kind === "message" && message.seq > conversation.timeline.last;
  if (!news || watched() || (view.line && conversation.unreadUpTo)) return;
  queueMicrotask(() => view.markFresh(message.seq - 1));
}

function read() {
  visit((one) => one.show(conversation));
  const seq = conversation.unreadUpTo;
  if (!seq || !conversation.group || !watched() || !view.anchor.atEnd) return;
  if (connection.send({ type: "message.read", group: conversation.group, seq })) conversation.readSeq = seq;
}

function nameOf(member) {
  return conversation.timeline.latest(({ sender }) => sender === member)?.sender_name ?? text("team");
}

// Which team looks after the visitor, and how it stands; without one it has changed, and no socket tells.
async function serve(facts) {
  if (facts?.team !== page.serving) await import("./serving.js").then(({ showServing }) => showServing(page), () => {});
  if (facts) showOnline(facts);
}

let team;
async function showOnline(event) {
  team = event;
  const timed = !event.open || event.closes_at;
  const closed = timed && (await import("../shared/hours.js")).hoursLine(event, showOnline);
  if (team !== event) return;
  const { online, busy } = event;
  const away = Boolean(closed) || !(online || busy);
  document.body.toggleAttribute("data-away", away);
  asking.away(away);
  find(".status .dot").className = `dot ${closed ? "off" : online ? "on" : busy ? "busy" : "off"}`;
  find(".status-text").textContent = closed || (online ? plural("online", online) : text(busy ? "online_busy" : "online_none"));
}

function act(name, clientId) {
  if (later.files?.act(name, clientId)) return;
  if (name === "retry") outbox.retry(clientId);
  if (name !== "edit" && name !== "discard") return;
  const { content, reply_to } = outbox.items.get(clientId) ?? {};
  outbox.forget(clientId);
  view.dropPending(clientId);
  if (content && name === "edit") composer.take(content, false, { reply_to });
}

// Who this person was before: as the server knows it of a sign-in, else as this tab does.
const former = page.former ?? tab.get(FORMER);
tab.remove(FORMER);
if (former && former !== me) inherit(store, placeOf(former), place);
for (const item of outbox.load()) {
  if (conversation.has(item.client_id)) outbox.accepted(item.client_id);
  else view.showPending(outbox.shown(item));
}
composer.use(`${place}:draft`);
if (Number(page.unread)) view.markFresh(conversation.readSeq);
showUnread(Number(page.unread) || 0);
for (const name of ["focus", "visibilitychange"]) addEventListener(name, read, true);
window.addEventListener("storage", ({ key, newValue }) => {
  // Another window of this visitor delivered it, or took it back.
  const id = key?.startsWith(outbox.prefix) && newValue === null && key.slice(outbox.prefix.length);
  if (id && outbox.items.get(id)?.state === "failed") {
    outbox.forget(id);
    view.dropPending(id);
  }
});
keepTokensFresh(document);
connection.open();
wakeWith(connection);
if (page.host) {
  import("./site.js").then(({ Site }) => {
    site = new Site({ origin: page.host, leave: find(".leave"), onOpen: enter, onWords: hear });
    tellSite();
  });
}
