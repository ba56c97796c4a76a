// The messages of one conversation as this page has them: each once, ordered by seq, and the seq up
// to which they are complete. Knows neither DOM nor network.

/**
 * A message as the server sends it (docs/protocol.md); an unsent one has no seq.
 * @typedef {object} Message
 * @property {number} [seq]
 * @property {number} [id]
 * @property {string} [group]
 * @property {string} kind "message", "note" or "notice"
 * @property {string} sender
 * @property {string} [sender_name]
 * @property {string} [sender_role]
 * @property {string} [sender_avatar]
 * @property {string} [content]
 * @property {import("../thread/formatted.js").Part[]} [formatted]
 * @property {import("../thread/attachment.js").FileFacts | null} [attachment]
 * @property {Record<string, any> | null} [reply_to] The message that it answers.
 * @property {string[]} [mentions]
 * @property {string} [client_id]
 * @property {string} created_at
 * @property {boolean} [automatic]
 * @property {number} [edited]
 * @property {Record<string, any>} [data] The facts of a notice.
 * @property {Record<string, any>} [current] Of an edit: the text by now.
 */

export class Timeline {
  /**
   * @param {object} [options]
   * @param {Message[]} [options.messages]
   * @param {number} [options.completeTo] Every message up to this seq is here, from the oldest one
   *   shown on.
   * @param {boolean} [options.more] Whether there are older messages than the oldest one here.
   */
  constructor({ messages = [], completeTo = 0, more = false } = {}) {
    this.messages = [...messages].sort((a, b) => a.seq - b.seq);
    this.known = new Set(this.messages.map((message) => message.seq));
    /** @type {Map<number, number>} The seq before each that is not complete yet. */
    this.links = new Map();
    /** @type {Map<number, Record<string, any>>} */
    this.recalls = new Map();
    /** @type {Map<number, Record<string, any>>} */
    this.edits = new Map();
    this.erased = 0;
    this.completeTo = Math.max(completeTo, lastSeqOf(this.messages));
    this.more = more;
  }

  get first() {
    return this.messages[0]?.seq ?? Infinity;
  }

  get last() {
    return lastSeqOf(this.messages);
  }

  /**
   * @param {(message: Message) => boolean} fits
   * @returns {Message | undefined} The newest message that fits.
   */
  latest(fits) {
    return this.messages.filter(fits).pop();
  }

  /**
   * Adds a pushed message.
   * @param {Message} message
   * @param {number} [prev] The seq of the visible message before it. Without it, as for the answer
   *   to an own message, nothing is known of those between, unless the message follows directly.
   * @returns {{added: boolean, missing: boolean}} Whether it is new here, and whether something
   *   before it is missing.
   */
  add(message, prev) {
    if (prev === undefined && message.seq === this.completeTo + 1) prev = this.completeTo;
    if (prev !== undefined && message.seq > this.completeTo) this.links.set(message.seq, prev);
    const added = this.insert(message);
    this.advance();
    return { added, missing: prev !== undefined && message.seq > this.completeTo };
  }

  /**
   * Adds the answer to a request for messages after `completeTo`. It is complete up to its end, and
   * with `more` false up to lastSeq, even where that is a note that this reader cannot see.
   * @param {Message[]} messages
   * @param {number} lastSeq
   * @param {boolean} more
   * @returns {Message[]} Those that are new here.
   */
  fill(messages, lastSeq, more) {
    const added = messages.filter((message) => this.insert(message));
    const end = more ? lastSeqOf(messages, this.completeTo) : lastSeq;
    this.completeTo = Math.max(this.completeTo, end);
    this.advance();
    return added;
  }

  /**
   * Adds an older page.
   * @param {Message[]} messages
   * @param {boolean} more
   * @returns {Message[]} Those that are new here.
   */
  older(messages, more) {
    this.more = false;
    const added = messages.filter((message) => this.insert(message));
    this.more = more;
    return added;
  }

  /**
   * @param {Message} message
   * @returns {boolean} Whether it is new here.
   */
  insert(message) {
    // Older than the oldest one shown, with pages between missing: it will come with its page.
    const early = this.more && message.seq < this.first;
    if (this.known.has(message.seq)) this.complete(message);
    if (early || this.known.has(message.seq)) return false;
    this.known.add(message.seq);
    this.forget(message);
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1].seq > message.seq) at -= 1;
    this.messages.splice(at, 0, message);
    return true;
  }

  /**
   * What only the server says of an own message that was taken over when it was stored.
   * @param {Message} message
   */
  complete({ seq, formatted }) {
    const known = formatted && this.messages.find((one) => one.seq === seq);
    if (known && !known.edited && known.kind !== "notice") known.formatted = formatted;
  }

  /**
   * Blanks recalled and erased texts and replaces edited ones, in whatever order the messages
   * arrive: an older page may have been read before the recall.
   * @param {Message} message
   */
  forget(message) {
    const { seq, data, current } = message;
    if (data?.event === "erasure") {
      this.erased = Math.max(this.erased, seq);
      for (const one of this.messages) this.blank(one);
    } else if (data?.event === "recall") {
      this.recalls.set(data.of, data);
      for (const one of this.messages) this.blank(one);
    } else if (data?.event === "edited") {
      const known = this.edits.get(data.of);
      if (current && !(known?.edited > current.edited)) this.edits.set(data.of, current);
      else if (current) message.current = known;
      for (const one of [...this.messages, message]) this.blank(one);
    } else this.blank(message);
  }

  /** @param {Message} message */
  blank(message) {
    const { seq, reply_to: quote, data: facts } = message;
    const { excerpt, ...now } = this.edits.get(seq) ?? {};
    if (now.edited > (message.edited ?? 0) && message.kind !== "notice") Object.assign(message, { formatted: undefined }, now);
    if (quote && this.edits.has(quote.seq)) quote.excerpt = this.edits.get(quote.seq).excerpt;
    if (seq < this.erased || facts?.of < this.erased || this.recalls.has(facts?.of)) message.current = undefined;
    if (seq < this.erased) Object.assign(message, { kind: "notice", content: "", formatted: undefined, attachment: null, reply_to: undefined, data: { event: "erased" } });
    const data = this.recalls.get(seq);
    if (data) Object.assign(message, { kind: "notice", content: "", formatted: undefined, attachment: null, reply_to: undefined, data: { ...data, event: "recalled" } });
    if (quote && this.recalls.has(quote.seq)) Object.assign(quote, { excerpt: "", attachment: null, recalled: true });
  }

  // Follows the chain of `prev` from what is complete; stops at the first gap.
  advance() {
    for (const [seq, prev] of [...this.links].sort(([a], [b]) => a - b)) {
      if (prev > this.completeTo) break;
      this.completeTo = Math.max(this.completeTo, seq);
      this.links.delete(seq);
    }
  }
}

/**
 * @param {Message[]} messages In order.
 * @param {number} [none] What is returned without any.
 * @returns {number} The seq of the last one.
 */
export function lastSeqOf(messages, none = 0) {
  return messages.length ? messages[messages.length - 1].seq : none;
}
