// The conversations that this window holds, and which of them is on the desk. The last few stay
// at hand, kept up to date by the socket, so going back to one shows it at once.

import { Conversation } from "../connection/conversation.js";
import { getJson } from "../connection/http.js";
import { Timeline } from "../connection/timeline.js";

const AT_HAND = 20;

export class Desk {
  // href(group): the address of its page. newest(facts): the server's answer, or what is known
  // better of it. onShow(conversation), onFacts(facts of the open one),
  // onFilled(): one caught up. onLoading(boolean): whether the one on the desk is not the one
  // that was chosen. onFailure(failure, group): it stays so, and the choice falls back to it.
  constructor({ me, view, href, newest, onShow, onFacts, onFilled, onLoading, onFailure }) {
    Object.assign(this, { me, view, href, newest, onShow, onFacts, onFilled, onLoading, onFailure });
    this.held = new Map();
    this.current = null;
    this.wanted = null;
  }

  get group() {
    return this.current?.group ?? null;
  }

  // The chosen one is still on its way: what is on the desk is not what was asked for.
  get loading() {
    return this.wanted !== this.group;
  }

  // Where a file may be sent to now, or null.
  target() {
    if (this.loading || !this.current) return null;
    const { group, url, timeline } = this.current;
    return { group, url, fields: { me: this.me, seen: timeline.last } };
  }

  // {group: last seq held} for a sync.
  get seqs() {
    return Object.fromEntries([...this.held].map(([group, one]) => [group, one.timeline.held]));
  }

  // Takes over what the server rendered.
  adopt(group, { messages, held, more, readSeq, seenSeq }) {
    const one = this.hold(group, new Timeline({ messages, held, more }), readSeq);
    one.seenSeq = seenSeq;
    one.view = this.view;
    this.current = one;
    this.wanted = group;
  }

  async open(group) {
    this.wanted = group;
    const known = this.held.get(group);
    if (known) this.put(known);
    else this.onLoading(true);
    try {
      const conversation = this.newest((await getJson(this.href(group))).conversation);
      const one = this.refresh(conversation);
      if (this.wanted !== group) return;
      if (this.current === one) this.onFacts(conversation);
      else this.put(one);
    } catch (failure) {
      if (this.wanted !== group) return;
      this.wanted = this.group;
      this.onLoading(false);
      this.onFailure(failure, group);
    }
  }

  // Brings a conversation to the state that the server answered with.
  refresh(facts) {
    const { group, messages, last_seq: last, more, read_seq: read, seen_seq: seen } = facts;
    let one = this.held.get(group);
    if (!one) one = this.hold(group, new Timeline({ messages, held: last, more }), read);
    else if ((messages[0]?.seq ?? 1) <= one.timeline.held + 1) {
      for (const message of one.timeline.fill(messages, last, false)) one.view?.show(message);
    } else one.catchUp().catch(() => {});
    one.facts = facts;
    one.readSeq = Math.max(one.readSeq, read);
    one.seenSeq = Math.max(one.seenSeq ?? 0, seen);
    one.view?.seen(one.seenSeq);
    return one;
  }

  hold(group, timeline, readSeq) {
    const { me, onFilled } = this;
    const one = new Conversation({ group, url: `${this.href(group)}messages/`, timeline, readSeq, me, onFilled });
    this.held.set(group, one);
    for (const old of this.held.keys()) {
      if (this.held.size <= AT_HAND) break;
      if (old !== this.group && old !== group) this.held.delete(old);
    }
    return one;
  }

  // Lays one out on the desk, or clears it with null.
  put(one) {
    if (this.current) this.current.view = null;
    this.current = one;
    this.wanted = one?.group ?? null;
    if (one) {
      // To the end of the map: the ones least lately used are let go first.
      this.held.delete(one.group);
      this.held.set(one.group, one);
      one.view = this.view;
      this.view.reset(one.timeline.messages, one.seenSeq ?? 0);
      this.view.markFresh(one.readSeq);
      if (one.facts) this.onFacts(one.facts);
    }
    this.onLoading(false);
    this.onShow(one);
  }

  drop(group) {
    this.held.delete(group);
    if (this.wanted === group) this.put(null);
  }
}
