// The agents' workspace: finds its elements and wires the parts together.

import { Actions } from "./actions.js";
import { agentEvents } from "./events.js";
import { Sending } from "./sending.js";
import { ConnectionBar } from "../connection/bar.js";
import { Calls } from "./calls.js";
import { Composer, helpLater } from "../composer/composer.js";
import { chooseKey, foldPanel, OnlineSwitch, showEmpty, showLoading, showTotal } from "./controls.js";
import { watched } from "../connection/conversation.js";
import { Desk } from "./desk.js";
import { Facts } from "./facts.js";
import { Fallback } from "../connection/fallback.js";
import { Hands } from "./hands.js";
import { getJson, keepTokensFresh, postForm } from "../connection/http.js";
import { alertsLater } from "./incoming.js";
import { jump } from "./jump.js";
import { List } from "./list.js";
import { Login } from "./login.js";
import { navigate } from "./navigation.js";
import { openStore } from "../connection/outbox.js";
import { Connection, socketUrl, startOver, wakeWith } from "../connection/socket.js";
import { has, load, text } from "../shared/text.js";
import { ThreadView } from "../thread/thread.js";
import { Title } from "../shared/title.js";
import { TypingShown, TypingTeller } from "../composer/typing.js";
import { showLooking, Viewing } from "./viewing.js";

load(document);
const find = (selector) => document.querySelector(selector);
const page = document.body.dataset;
const me = page.me;
const NOBODY = "00000000-0000-0000-0000-000000000000";
const href = (group) => page.conversation.replace(NOBODY, group);
const store = openStore();
const place = `kefu:agent:${me}`;

const title = new Title(document);
const bar = new ConnectionBar(find(".connection"));
const facts = new Facts({
  root: document.body,
  template: find("#seat-template"),
  me,
  onChange(known, members) {
    actions.show(known, members);
    viewing.show();
    calls.show();
  },
  about: { href, onOpen: (group) => go(group), onFailure: failed },
});
const actions = new Actions({
  root: find(".head-actions"),
  me,
  manager: "manager" in page,
  send: (frame) => connection.send(frame),
  post: (group, fields) => postForm(`${href(group)}actions/`, fields),
  load: () => getJson(page.colleagues),
  labels: { root: document.body, load: () => getJson(page.tags), onChoose: (to) => list.go(to) },
  onFailure: notDone,
  onWait: (key) => bar.tell(key),
  onCalm: (keys) => bar.untell(keys),
  undo: { root: find(".toasts"), onLeft: () => hands.enter() },
});
const view = new ThreadView({
  root: find(".conversation"),
  template: find("#message-template"),
  me,
  onAction: act,
  onEnd: read,
  onTop: () => desk.current?.older()?.catch(failed),
});
const calls = new Calls({ list: view.list, members: () => facts.members });
const desk = new Desk({
  me,
  view,
  href,
  newest: (conversation) => handlers.answered(conversation),
  onShow: show,
  onFacts: (conversation) => {
    facts.open(conversation);
    read();
  },
  onFilled: read,
  onLoading: (loading) => showLoading(find(".thread"), loading),
  onFailure(failure, group) {
    failed(failure);
    if (failure.code === "not_found") gone(group);
    if (failure.code !== "unauthorised") bar.tell(failure.code === "not_found" ? "gone" : "not_loaded");
    history.replaceState(null, "", list.address(desk.group));
    inbox.current(desk.group);
  },
});
const list = new List({
  root: find(".inbox"),
  template: find("#row-template"),
  page,
  me,
  href,
  onOpen: (group, seq) => go(group, true, seq),
  onEmpty: (empty, all) => showEmpty(document.body, empty, all),
  onFailure: failed,
});
const { inbox } = list;
const alerts = alertsLater({ me, url: page.alerts, icon: page.icon, store, place, list, desk, go, send: (frame) => connection.send(frame) });

const typing = new TypingShown({
  element: find(".typing"),
  line: (name, draft) =>
    typeof draft === "string" ? text("typing_draft", { name, draft: draft.slice(0, 300) }) : text("typing", { name }),
});
let teller = null;
const viewing = new Viewing({
  send: (frame) => connection.send(frame),
  onChange: (people) => showLooking(find(".looking"), find("#looking-template"), people, find(".seats.in-head").children),
  isAway: (who) => facts.members.some(({ member, state }) => member === who && state === "away"),
});

const connection = new Connection({
  url: socketUrl(page.socket),
  inbox: () => list.chosen.fields,
  held: () => desk.seqs,
  onEvent(event) {
    handlers[event.type]?.(event);
    alerts.heard(event);
  },
  onState(state, code) {
    fallback.connection(state);
    if (code === 4401) login.refused();
    else bar.state(state, code);
    find(".composer").inert = state === "stopped" && code !== 4401;
  },
});
const fallback = new Fallback({
  async poll() {
    outbox.flush();
    await Promise.all([desk.current?.catchUp(), list.load().then((answer) => handlers.inbox(answer))]).catch((failure) => {
      failed(failure);
      throw failure;
    });
    read();
  },
  onActive: (active) => bar.active(active),
});
const sending = new Sending({
  page,
  store,
  prefix: `${place}:outbox:`,
  connection,
  fallback,
  desk,
  view,
  href,
  onAccepted: (answer) => handlers["message.accepted"](answer),
  onUnauthorised: () => login.ask(),
});
const { outbox } = sending;
const composer = new Composer({
  form: find(".composer"),
  store,
  onInput: (draft) => (composer.note ? teller?.stop() : teller?.input(draft)),
  onSend(content, note, extra) {
    const taken = sending.send(content, note, extra);
    if (taken) teller?.stop();
    return taken;
  },
});
chooseKey({ select: find(".sending-key"), composer, store, key: `${place}:key` });
const later = helpLater({
  composer,
  view,
  me,
  store,
  replies: page.replies,
  members: () => facts.members,
  names: () => ({ visitor: find("#thread-name").textContent, agent: page.name, team: find(".team-name").textContent }),
  conversation: () => desk.current,
  recall: (seq) => connection.send({ type: "message.recall", group: desk.group, seq }) || notDone("offline"),
  name: page.name,
  target: () => desk.target(),
  onStored: (item, answer) => handlers.stored(item, answer),
  onUnauthorised: () => login.ask(),
});
const login = new Login({ dialog: find("dialog.login"), connection, store, key: `${place}:login` });
const online = new OnlineSwitch(find(".online"), failed);
// Before the keys: Escape closes the panel first.
foldPanel(find(".panel"), find(".panel-open"), find(".panel-close"));
const hands = new Hands({
  root: document.body,
  store,
  rows: () => inbox.known(),
  look: async (q) => (await getJson(`${page.search}?${new URLSearchParams({ q })}`)).conversations,
  open: (group) => go(group),
});

const handlers = agentEvents({
  me,
  name: page.name,
  desk,
  list,
  facts,
  view,
  sending,
  later,
  typing,
  viewing,
  online,
  login,
  total: unreadTotal,
  gone,
  notDone,
  read,
  stranger: () => startOver(connection),
});

// An action that was refused.
function notDone(code, facts = {}) {
  actions.answered();
  if (code === "unauthorised") return login.ask();
  const key = has(`refused_${code}`) ? `refused_${code}` : "refused_other";
  bar.tell(key, { name: facts.claimed_name ?? "…" });
}

function failed(failure) {
  if (failure?.code === "unauthorised") login.ask();
}

// seq: the message that is looked for in it; 0: none.
async function go(group, push = true, seq = 0) {
  if (push && group !== desk.wanted) history.pushState(null, "", list.address(group));
  inbox.current(group);
  hands.early = [];
  if (!group) return desk.put(null);
  await desk.open(group);
  if (seq && desk.group === group) jump(desk.current, view, seq, () => desk.current);
}

function show(one) {
  teller?.stop();
  typing.clear();
  actions.use(one?.group ?? null);
  viewing.use(one?.group ?? null);
  page.view = one ? "thread" : "inbox";
  find(".opened").hidden = !one;
  find(".nothing").hidden = Boolean(one);
  find(".panel").hidden = !one;
  find(".panel").removeAttribute("data-open");
  inbox.current(one?.group);
  title.rename(`${one ? (inbox.rows.get(one.group)?.group_name ?? "") : text("conversations")} · Kefu`);
  if (one) begin(one);
  hands.shown();
}

// What belongs to the conversation on the desk: texts on their way, the draft, typing.
function begin(one) {
  teller = new TypingTeller({
    drafts: false,
    send: (draft) => connection.send({ type: "typing", group: one.group, draft }),
  });
  sending.open(one);
  composer.use(`${place}:draft:${one.group}`);
  later.files?.use(one.group);
  view.anchor.toEnd();
  read();
}

// into: the conversation that it is a part of now.
function gone(group, into) {
  inbox.remove(group);
  const chosen = desk.wanted === group;
  if (chosen) {
    history.replaceState(null, "", list.address(null));
    if (!into) bar.tell("gone");
  }
  const half = chosen && into && store.get(`${place}:draft:${group}`);
  if (half) store.set(`${place}:draft:${into}`, half);
  desk.drop(group);
  if (chosen && into) go(into);
}

function read() {
  const one = desk.current;
  const seq = one?.unreadUpTo;
  if (!seq || !facts.seated || !watched() || !view.anchor.atEnd || !find(".opened").offsetParent) return;
  if (connection.send({ type: "message.read", group: one.group, seq })) one.readSeq = seq;
  else if (fallback.active) {
    one.readSeq = seq;
    postForm(`${href(one.group)}read/`, { seq }).catch(failed);
  }
}

function unreadTotal(total) {
  title.unread(total);
  showTotal(find(".rail .total"), total);
}

function act(name, clientId) {
  if (!later.files?.act(name, clientId)) sending.act(name, clientId, composer);
}

outbox.load();
unreadTotal(Number(page.total));
const given = find(".conversation").dataset;
// Around a message that was looked for; what follows the newest is what can be kept up.
if (given.at) go(page.group, false, Number(given.at));
else if (page.group) {
  const seenSeq = Number(given.seenSeq);
  const readSeq = Number(given.readSeq);
  const messages = view.adopt(seenSeq);
  desk.adopt(page.group, { messages, held: Number(given.lastSeq), more: "more" in given, readSeq, seenSeq });
  actions.use(page.group);
  viewing.use(page.group);
  facts.adopt(page.group, given.visitor);
  begin(desk.current);
  view.markFresh(readSeq);
}
navigate({ links: document.querySelectorAll(".back, .to-inbox"), go, onReturn: () => list.follow() });
for (const name of ["focus", "visibilitychange"]) addEventListener(name, read, true);
keepTokensFresh(document);
setTimeout(() => document.querySelectorAll(".told").forEach((told) => told.remove()), 8_000);
connection.open();
wakeWith(connection);
