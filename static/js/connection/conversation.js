// One conversation as a page holds it: its timeline, how far it is read, and how missing messages
// are fetched. It is on screen while it has a view.

import { getJson } from "./http.js";

/**
 * @import { Item } from "./outbox.js"
 * @import { Message, Timeline } from "./timeline.js"
 */

/**
 * What shows a conversation: a ThreadView.
 * @typedef {object} View
 * @property {(message: Message) => void} show
 * @property {(messages: Message[]) => void} showOlder
 * @property {(message: Message) => void} confirmed An own message that is shown already.
 */

export class Conversation {
  /**
   * @param {object} options
   * @param {string} options.group
   * @param {string} options.url The address of its messages.
   * @param {Timeline} options.timeline
   * @param {number} options.readSeq Up to where the server was told that messages are read.
   * @param {string} options.me The own uuid.
   * @param {View | null} [options.view]
   * @param {(more: boolean) => void} [options.onOlder] An older page arrived.
   * @param {() => void} [options.onFilled] Missing messages arrived.
   */
  constructor({ group, url, timeline, readSeq, me, view = null, onOlder = () => {}, onFilled = () => {} }) {
    this.group = group;
    this.url = url;
    this.timeline = timeline;
    this.readSeq = readSeq;
    // Up to where the server has them as read for sure.
    this.sureSeq = readSeq;
    this.me = me;
    this.view = view;
    this.onOlder = onOlder;
    this.onFilled = onFilled;
    /** @type {Promise<void> | null} */
    this.asking = null;
    this.again = false;
    /** @type {Promise<void> | null} */
    this.paging = null;
  }

  // The server has all up to `seq` as read.
  isRead(seq) {
    this.sureSeq = Math.max(this.sureSeq, seq);
    this.readSeq = Math.max(this.readSeq, seq);
  }

  // The server counts so many as unread. That they are read may be lost, as only an answer proves that
  // a frame has arrived: it is sent again.
  counted(unread) {
    if (unread) this.readSeq = this.sureSeq;
    else this.sureSeq = this.readSeq;
  }

  /**
   * Takes over a message from the socket or a stored own one.
   * @param {Message} message
   * @param {number} [prev]
   * @returns {boolean} Whether it is new here.
   */
  posted(message, prev) {
    const { added, missing } = this.timeline.add(message, prev);
    if (added) this.view?.show(message);
    // The message is here already, with the page or an answer.
    else if (message.sender === this.me) this.view?.confirmed(message);
    if (missing) this.catchUp().catch(() => {});
    return added;
  }

  /**
   * Takes over an own message that was just stored.
   * @param {Item} item
   * @param {any} answer message.accepted
   * @param {{name: string, role: string}} author
   */
  stored(item, answer, { name, role }) {
    const { client_id, content, reply_to, mentions } = item;
    const { seq, id, group, created_at, attachment = null } = answer;
    const kind = item.note ? "note" : "message";
    return this.posted({ id, group, seq, kind, content, attachment, reply_to, mentions, client_id, created_at, sender: this.me, sender_name: name, sender_role: role });
  }

  // Fetches everything after what is complete here, with one request at a time. A call during a
  // request repeats it, since its answer may be older than the reason of the call.
  catchUp() {
    this.again = Boolean(this.asking);
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
      if (this.again) return this.catchUp();
    });
    return this.asking;
  }

  // Fetches messages below the newest one here, if any are missing.
  mend() {
    if (this.timeline.last > this.timeline.completeTo) this.catchUp().catch(() => {});
  }

  async ask() {
    for (let more = true; more; ) {
      const answer = await getJson(this.query({ after: this.timeline.completeTo, limit: 200 }));
      const added = this.timeline.fill(answer.messages, answer.last_seq, answer.more);
      for (const message of added) this.view?.show(message);
      for (const message of answer.messages) if (message.sender === this.me && !added.includes(message)) this.view?.confirmed(message);
      more = answer.more && answer.messages.length > 0;
    }
    this.onFilled();
  }

  /**
   * Fetches the page of `limit` messages before the oldest one here, if there is one.
   * @param {number} [limit]
   */
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
    return `${this.url}${this.url.includes("?") ? "&" : "?"}${new URLSearchParams({ me: this.me, ...values })}`;
  }

  // Whether an own message is stored, as far as this page knows.
  has(clientId) {
    return this.timeline.messages.some(({ sender, client_id: id }) => id === clientId && sender === this.me);
  }

  // The seq to mark as read, or 0 if nothing of others is unread. Never beyond a gap: missing
  // messages were not read.
  get unreadUpTo() {
    const { messages, completeTo } = this.timeline;
    for (let at = messages.length - 1; at >= 0 && messages[at].seq > this.readSeq; at -= 1) {
      const { seq, sender, kind } = messages[at];
      if (seq <= completeTo && sender !== this.me && kind !== "notice") return completeTo;
    }
    return 0;
  }
}

// Whether somebody looks at this window now.
export const watched = () => document.visibilityState === "visible" && document.hasFocus();
