// One conversation as a page holds it: its timeline, how far one has read, and the way to fetch
// what is missing. On screen while it has a view.

import { getJson } from "./http.js";
import { lastSeqOf } from "./timeline.js";

export class Conversation {
  // url: where its messages are asked for. me: own uuid. onOlder(more): an older page came.
  // onFilled(): what was missing came.
  constructor({ group, url, timeline, readSeq, me, view = null, onOlder = () => {}, onFilled = () => {} }) {
    Object.assign(this, { group, url, timeline, readSeq, me, view, onOlder, onFilled, asking: null, again: false, paging: null });
  }

  // Takes a message from the socket or from an own send. Returns whether it is new here.
  posted(message, prev) {
    const { added, missing } = this.timeline.add(message, prev);
    if (added) this.view?.show(message);
    // Here already, with the page or by an answer: the bubble it was sent in stands twice.
    else if (message.sender === this.me) this.view?.dropPending(message.client_id);
    if (missing) this.catchUp().catch(() => {});
    return added;
  }

  // The row of an own message that was just stored.
  stored(item, answer, { name, role }) {
    const { client_id, content, reply_to, mentions } = item;
    const { seq, id, group, created_at, attachment = null } = answer;
    const kind = item.note ? "note" : "message";
    return this.posted({ id, group, seq, kind, content, attachment, reply_to, mentions, client_id, created_at, sender: this.me, sender_name: name, sender_role: role });
  }

  // Asks for everything after what is complete here. Only one question is on its way at a time;
  // one that comes meanwhile is asked afterwards, since the answer may be older than its reason.
  catchUp() {
    this.again = Boolean(this.asking);
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
      if (this.again) return this.catchUp();
    });
    return this.asking;
  }

  // Asks for what lies below the newest message here, if anything does.
  mend() {
    if (this.timeline.last > this.timeline.held) this.catchUp().catch(() => {});
  }

  async ask() {
    for (let more = true; more; ) {
      const answer = await getJson(this.query({ after: this.timeline.held, limit: 200 }));
      const added = this.timeline.fill(answer.messages, answer.last_seq, answer.more);
      for (const message of added) this.view?.show(message);
      more = answer.more && answer.messages.length > 0;
    }
    this.onFilled();
  }

  // Fetches the page of messages before the oldest one here, if there is one; of `limit` messages.
  older(limit) {
    if (!this.timeline.more || this.paging) return this.paging;
    this.paging = getJson(this.query({ before: this.timeline.first, ...(limit && { limit }) }))
      .then(({ messages, more }) => {
        const added = this.timeline.older(messages, more);
        this.view?.showOlder(added);
        this.onOlder(more);
      })
      .finally(() => (this.paging = null));
    return this.paging;
  }

  query(values) {
    return `${this.url}${this.url.includes("?") ? "&" : "?"}${new URLSearchParams(values)}`;
  }

  // Whether an own message is stored, as far as this page has seen.
  has(clientId) {
    return this.timeline.messages.some(({ sender, client_id: id }) => id === clientId && sender === this.me);
  }

  // The seq to mark as read, or 0 when nothing of others is unread. Never beyond a hole: what is
  // not here was not read.
  get unreadUpTo() {
    const { messages, held } = this.timeline;
    for (let at = messages.length - 1; at >= 0 && messages[at].seq > this.readSeq; at -= 1) {
      const { seq, sender, kind } = messages[at];
      if (seq <= held && sender !== this.me && kind !== "notice") return held;
    }
    return 0;
  }
}

// Whether somebody looks at this window just now.
export const watched = () => document.visibilityState === "visible" && document.hasFocus();

// The seq below the oldest of the last `unread` messages of the other side.
export function readBefore(messages, unread, me) {
  const theirs = messages.filter(({ sender, kind }) => sender !== me && kind === "message");
  const first = theirs[theirs.length - unread];
  return unread && first ? first.seq - 1 : lastSeqOf(messages);
}
