// The conversations that this window has loaded, and which of them is open. The last few are kept
// and updated by the socket, so that returning to one shows it at once.

import { Conversation } from "../connection/conversation.js";
import { getJson } from "../connection/http.js";
import { Timeline } from "../connection/timeline.js";

const AT_HAND = 20;

export class Conversations {
  // href(group): the address of a conversation. newest(facts): the server's answer, with newer
  // facts in place of older ones. onShow(conversation or null). onFacts(facts of the open
  // conversation). onFilled(): a conversation is complete again. onLoading(boolean): whether the
  // chosen conversation is still loading. onFailure(failure, group): it could not be loaded, and
  // the one before stays open.
  constructor({ me, view, href, newest, onShow, onFacts, onFilled, onLoading, onFailure }) {
    Object.assign(this, { me, view, href, newest, onShow, onFacts, onFilled, onLoading, onFailure });
    this.cache = new Map();
    this.current = null;
    this.wanted = null;
  }

  get group() {
    return this.current?.group ?? null;
  }

  // Whether the chosen conversation is still loading, so that another one is shown.
  get loading() {
    return this.wanted !== this.group;
  }

  // Where a file can be sent to now, or null.
  target() {
    if (this.loading || !this.current) return null;
    const { group, url, timeline } = this.current;
    return { group, url, fields: { me: this.me, seen: timeline.last } };
  }

  // {group: the seq up to which it is complete}, as a sync asks.
  get completeSeqs() {
    return Object.fromEntries([...this.cache].map(([group, one]) => [group, one.timeline.completeTo]));
  }

  // Takes over what the server rendered.
  adopt(group, { messages, completeTo, more, readSeq, seenSeq }) {
    const one = this.remember(group, new Timeline({ messages, completeTo, more }), readSeq);
    one.seenSeq = seenSeq;
    one.view = this.view;
    this.current = one;
    this.wanted = group;
  }

  async open(group) {
    this.wanted = group;
    const known = this.cache.get(group);
    // Of one that the server rendered the facts are not known: it would stand under those of the one
    // before, for good if no answer comes.
    if (known?.facts || (known && known === this.current)) this.put(known);
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

  // Updates a conversation by the server's answer.
  refresh(facts) {
    const { group, messages, last_seq: last, more, read_seq: read, seen_seq: seen } = facts;
    let one = this.cache.get(group);
    if (!one) one = this.remember(group, new Timeline({ messages, completeTo: last, more }), read);
    else if ((messages[0]?.seq ?? 1) <= one.timeline.completeTo + 1) {
      for (const message of one.timeline.fill(messages, last, false)) one.view?.show(message);
    } else one.catchUp().catch(() => {});
    one.facts = facts;
    one.isRead(read);
    one.seenSeq = Math.max(one.seenSeq ?? 0, seen);
    one.view?.seen(one.seenSeq);
    return one;
  }

  remember(group, timeline, readSeq) {
    const { me, onFilled } = this;
    const one = new Conversation({ group, url: `${this.href(group)}messages/`, timeline, readSeq, me, onFilled });
    this.cache.set(group, one);
    for (const old of this.cache.keys()) {
      if (this.cache.size <= AT_HAND) break;
      if (old !== this.group && old !== group) this.cache.delete(old);
    }
    return one;
  }

  // Shows a conversation, or none with null.
  put(one) {
    if (this.current) this.current.view = null;
    this.current = one;
    this.wanted = one?.group ?? null;
    if (one) {
      // Moved to the end of the map: the least recently used ones are dropped first.
      this.cache.delete(one.group);
      this.cache.set(one.group, one);
      one.view = this.view;
      this.view.reset(one.timeline.messages, one.seenSeq ?? 0);
      this.view.markFresh(one.readSeq);
      if (one.facts) this.onFacts(one.facts);
    }
    this.onLoading(false);
    this.onShow(one);
  }

  drop(group) {
    this.cache.delete(group);
    if (this.wanted === group) this.put(null);
  }
}
