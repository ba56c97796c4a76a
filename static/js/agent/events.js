// What the workspace does at each event of its socket.

import { showUnattended } from "./controls.js";
import { watched } from "../connection/conversation.js";
import { Versions } from "./versions.js";

// What the head of the open conversation shows of an inbox row.
const HEAD = ["open", "claimed_by", "claimed_name", "team", "team_name", "group_name", "tags", "snoozed_until", "held"];

function headOf(row) {
  return Object.fromEntries(HEAD.filter((name) => name in row).map((name) => [name, row[name]]));
}

// The handlers by event type. Parts: the page's objects, and what the page does:
// total(n), gone(group), notDone(code, facts), read(), stranger().
export function agentEvents(parts) {
  const { me, name, desk, list, facts, view, sending, later, typing, viewing, online, login } = parts;
  const { inbox } = list;
  const { outbox } = sending;
  const versions = new Versions();
  // After a new connection the panel is asked for anew, once it is known where one still sits.
  let greeted = false;
  let stale = false;

  // The inbox's first page: at hello, at the slow beat, and from polling.
  function firstPage({ groups, total, ...rest }) {
    list.firstPage({ ...rest, groups: groups.map((row) => versions.newer(row.group, row.last_seq, row)) });
    const shown = groups.find(({ group }) => group === desk.group);
    if (shown) facts.update(versions.newer(shown.group, shown.last_seq, headOf(shown)));
    parts.total(total);
  }

  function accepted(answer) {
    const item = outbox.accepted(answer.client_id);
    if (item) stored(item, answer);
  }

  // An own message is stored: from the outbox, or with a file.
  function stored(item, answer) {
    const kind = item.note ? "note" : "message";
    inbox.message({ ...answer, kind, content: item.content, sender: me, sender_name: name });
    desk.held.get(answer.group)?.stored(item, answer, { name, role: "agent" });
  }

  function posted({ message, prev }) {
    const { group, sender, seq, kind } = message;
    const one = desk.held.get(group);
    const open = desk.group === group;
    if (sender === me) {
      outbox.accepted(message.client_id);
      later.files?.accepted(message.client_id);
    }
    inbox.message(message);
    if (message.data?.event === "erasure") {
      list.forget(group);
      // Nobody is left to be told of: no presence comes of who is erased.
      list.update(group, { online: false });
    }
    if (open) typing.gone(sender);
    const unseen = open && sender !== me && kind !== "notice" && !watched();
    const lined = view.line && one?.unreadUpTo;
    const fresh = one?.posted(message, prev);
    if (fresh && unseen && !lined) view.markFresh(seq - 1);
    if (open) parts.read();
  }

  function read({ group, member, seq }) {
    const one = desk.held.get(group);
    if (member === me && inbox.rows.get(group)?.mentioned) list.update(group, { mentioned: 0 });
    if (!one) return;
    if (member === me) one.readSeq = Math.max(one.readSeq, seq);
    else if (member === inbox.visitorOf(group)) {
      one.seenSeq = Math.max(one.seenSeq ?? 0, seq);
      one.view?.seen(one.seenSeq);
    }
  }

  function conversation({ type, group, version, ...told }) {
    const changed = versions.newer(group, version, told);
    // The only message was recalled.
    if (changed.last === null) changed.last = { kind: "notice", excerpt: "", seq: 0 };
    // A whole row is for who sits there, since just now or still.
    const seated = told.cursor && versions.seat(group, version);
    if (!told.cursor || seated) list.update(group, changed);
    // `visitor` is a uuid here and the whole person in what the panel shows.
    const { visitor, ...rest } = changed;
    const one = desk.held.get(group);
    if (one?.facts) Object.assign(one.facts, rest);
    if (group === desk.group) {
      // Who was asked to sit down here writes from now on.
      if (seated) facts.sit(true);
      facts.update(rest);
      if (rest.open === false || rest.rating) facts.refresh();
    }
  }

  // The server's answer about one conversation, as far as nothing newer was told meanwhile.
  function answered(conversation) {
    const newest = versions.newest(conversation.group, conversation.last_seq, conversation);
    if (inbox.has(newest.group)) inbox.update(newest.group, headOf(newest));
    return newest;
  }

  // `left`: of what was asked for, where one sits no more, though that was not heard.
  function synced({ left = [] }) {
    for (const group of left) if (group !== desk.group || facts.seated) parts.gone(group);
    if (stale) facts.refresh();
    stale = false;
    parts.read();
  }

  function member({ member: who, name: called, avatar }) {
    inbox.renamed(who, called);
    facts.renamed(who, called, avatar);
    viewing.show();
  }

  return {
    hello(event) {
      if (event.me.member !== me) return parts.stranger();
      login.welcome();
      firstPage(event);
      stale = greeted;
      greeted = true;
      if (event.unattended) showUnattended(document, event.unattended);
      outbox.reconnected();
      viewing.connected();
      parts.read();
    },
    inbox: firstPage,
    "message.accepted": accepted,
    stored,
    "message.posted": posted,
    synced,
    unread({ group, unread, total }) {
      inbox.update(group, { unread });
      parts.total(total);
    },
    read,
    typing: (event) => event.group === desk.group && typing.event(event, facts.nameOf(event.member)),
    viewing: (event) => event.member !== me && viewing.heard(event),
    presence(event) {
      facts.presence(event);
      if (event.member) viewing.show();
      if (event.visitor) inbox.presence(event.visitor, event.online);
      if (event.member === me) online.show(event.state);
      if (event.unattended) showUnattended(document, event.unattended);
    },
    // The last note that calls this member, or 0 once it was recalled.
    mentioned: ({ group, seq }) => list.update(group, { mentioned: seq, mentioned_seq: seq }),
    conversation,
    answered,
    member,
    visitor: (event) => facts.told(event),
    "conversation.left": ({ group, version, into }) => versions.seat(group, version) && parts.gone(group, into),
    error(event) {
      if (event.client_id) sending.refused(event.client_id, event.code, event);
      else if (event.code === "not_found" && event.group && !event.member && !event.team && !event.seq) parts.gone(event.group);
      else if (event.group) parts.notDone(event.code, event);
      else if (event.code === "bad_frame") outbox.unreadable();
    },
  };
}
