// What a visitor is not shown of a close that is undone at once: the notice of a close, until it is
// ten seconds old, and the pair of notices where the member who closed reopens it within that time.
// chat/reading/undone.py has the same rules for the page that the server makes.

export const UNDO_WITHIN = 10_000;
const SHOWN = -Infinity;
const KINDS = /^(closed|reopened|claimed)$/;

const time = (message) => Date.parse(message.created_at);
const soon = (before, after) => time(after) - time(before) <= UNDO_WITHIN;

// The seqs of the messages that are left out. isHeld(notice): whether a close is too new to be shown.
export function leftOut(messages, me, isHeld) {
  const out = new Set();
  let closed = null;
  let undone = null;
  for (const message of messages) {
    const { seq, data } = message;
    const before = undone;
    undone = null;
    if (data?.event === "closed") {
      closed = message;
      if (data.by !== me && isHeld(message)) out.add(seq);
    } else if (data?.event === "reopened") {
      const mine = closed && data.by && data.by !== me && data.by === closed.data.by;
      if (mine && soon(closed, message)) {
        out.add(closed.seq).add(seq);
        undone = message;
      }
      closed = null;
    } else if (data?.event === "claimed" && before && data.member === before.data.by && soon(before, message)) {
      out.add(seq);
    }
  }
  return out;
}

export class Undone {
  // now(): the server's time in milliseconds. messages(): all that the page has, in order. show(message)
  // and remove(seq): on the page. onShown(): a notice that was held back is shown.
  constructor({ me, now, messages, show, remove, onShown, clock = globalThis }) {
    Object.assign(this, { me, now, messages, show, remove, onShown, clock, timer: null });
    this.until = new Map();
  }

  // Whether a message is left out, for now or for good.
  leaves(message) {
    return KINDS.test(message.data?.event) && this.review().has(message.seq);
  }

  // What is left out now. Removes what is shown of it, and looks again when the first of it is due.
  review() {
    const out = leftOut(this.messages(), this.me, (closed) => this.isHeld(closed));
    for (const seq of out) this.remove(seq);
    const now = this.clock.Date.now();
    const next = Math.min(...[...this.until.values()].filter((until) => until > now));
    this.clock.clearTimeout(this.timer);
    if (next < Infinity) this.timer = this.clock.setTimeout(() => this.end(), next - now);
    return out;
  }

  // Never for longer than ten seconds from when the page learnt of it, whatever its clocks say.
  isHeld({ seq, created_at: createdAt }) {
    const now = this.clock.Date.now();
    if (!this.until.has(seq)) {
      const left = Math.min(UNDO_WITHIN, Date.parse(createdAt) + UNDO_WITHIN - this.now());
      this.until.set(seq, left > 0 ? now + left : SHOWN);
    }
    return now < this.until.get(seq);
  }

  // The time of a close has come: it is shown, unless it was undone.
  end() {
    const out = this.review();
    for (const message of this.messages()) {
      const until = this.until.get(message.seq) ?? SHOWN;
      if (until === SHOWN || out.has(message.seq)) continue;
      this.until.set(message.seq, SHOWN);
      this.show(message);
    }
    this.onShown();
  }
}

// Connects it with the page. chat: the VisitorController. The server's clock is the one of the page, at
// least: it may have been on its way for a while.
export function joinUndone(chat) {
  const ahead = Date.parse(chat.page.now) - Date.now() || 0;
  chat.undone = new Undone({
    me: chat.me,
    now: () => Date.now() + ahead,
    messages: () => chat.conversation.timeline.messages,
    show: (message) => chat.view.show(message),
    remove: (seq) => chat.view.leaveOut(seq),
    onShown: () => chat.read(),
  });
  chat.undone.review();
}
