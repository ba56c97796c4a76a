// The thread on the page: bubbles in order, the state of own messages, the lines between, and
// scrolling.

import { fillBody } from "./formatted.js";
import { adopt, at, attach, build, edit, fillQuote, follows, silent, stamp } from "./message.js";
import { EndAnchor } from "./scroll.js";
import { plural, text } from "../shared/text.js";
import { dayKey, dayLabel } from "../shared/time.js";

/**
 * @import { Item } from "../connection/outbox.js"
 * @import { Message } from "../connection/timeline.js"
 */

export class ThreadView {
  /**
   * @param {object} options
   * @param {HTMLElement} options.root Holds .scroller, .messages and .jump.
   * @param {HTMLTemplateElement} options.template Of a message.
   * @param {string} options.me The reader's uuid.
   * @param {(act: string, clientId: string) => void} options.onAction
   * @param {() => void} [options.onEnd]
   * @param {() => void} [options.onTop]
   * @param {(element: HTMLElement, message: Partial<Message>) => void} [options.dress] Completes a message
   *   that was just made.
   * @param {(message: Message) => boolean} [options.leaves] Whether it is left out.
   */
  constructor({ root, template, me, onAction, onEnd, onTop, dress = () => {}, leaves = () => false }) {
    this.template = template;
    this.me = me;
    this.dress = dress;
    this.leaves = leaves;
    this.seenSeq = 0;
    /** @type {HTMLElement} */
    this.list = root.querySelector(".messages");
    /** @type {Map<string, HTMLElement>} The unsent messages by their client_id. */
    this.pending = new Map();
    /** @type {HTMLElement | null} */
    this.line = null;
    this.anchor = new EndAnchor({
      scroller: root.querySelector(".scroller"),
      list: this.list,
      jump: root.querySelector(".jump"),
      label: (n) => (n ? plural("new", n) : text("jump")),
      onEnd,
      onTop,
    });
    document.addEventListener("visibilitychange", () => this.passMidnight());
    this.list.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-act]");
      if (!button) return;
      // It goes with its press. The field would open the keyboard of a phone.
      this.anchor.scroller.focus();
      onAction(button.dataset.act, button.closest(".message").dataset.client);
    });
  }

  /**
   * Takes over what the server rendered.
   * @param {number} seenSeq
   * @returns {Message[]} Its messages, those that it left out as well.
   */
  adopt(seenSeq) {
    this.seenSeq = seenSeq;
    const messages = this.bubbles().map((element) => adopt(element, this.me));
    for (const element of this.list.querySelectorAll(".left-out")) {
      messages.push(JSON.parse(/** @type {HTMLDataElement} */ (element).value));
      element.remove();
    }
    this.decorateAll();
    this.anchor.toEnd();
    return messages.sort((a, b) => a.seq - b.seq);
  }

  /**
   * Shows another conversation.
   * @param {Message[]} messages
   * @param {number} seenSeq
   */
  reset(messages, seenSeq) {
    this.seenSeq = seenSeq;
    this.pending.clear();
    this.line = null;
    this.quietly(() => this.list.replaceChildren(...this.makeAll(messages)));
    this.decorateAll();
    this.anchor.atEnd = true;
    this.anchor.toEnd();
  }

  makeAll(messages) {
    return messages.filter((message) => !silent(message) && !this.leaves(message)).map((message) => this.make(message));
  }

  make(message) {
    const element = build(this.template, message, this.me);
    this.dress(element, message);
    this.showState(element);
    return element;
  }

  /**
   * Shows a stored message at its place by seq; an own one keeps the bubble it was sent in.
   * @param {Message} message
   */
  show(message) {
    if (message.data?.event === "erased") return;
    if (message.data?.event === "erasure") this.erase(message.seq);
    if (message.data?.event === "edited") return this.edited(message);
    if (silent(message)) return this.recalled(message);
    if (this.leaves(message)) return;
    this.passMidnight();
    const own = message.sender === this.me && this.pending.get(message.client_id);
    const waiting = message.kind !== "notice" && own;
    if (own && !waiting) this.dropPending(message.client_id);
    this.anchor.keep(() => {
      const element = waiting || this.make(message);
      if (waiting) this.settle(waiting, message);
      this.put(element, this.after(message.seq, element));
      this.decorateAround(element);
    });
    if (!waiting && message.sender !== this.me && message.kind !== "notice") this.anchor.count();
  }

  /**
   * Shows an edited text, also where it is quoted, be it in what is being written.
   * @param {Message} notice
   */
  edited({ data, current }) {
    if (!current) return;
    const element = this.list.querySelector(`.message[data-seq="${data.of}"]`);
    this.anchor.keep(() => element && edit(element, current, this.template));
    for (const quote of document.querySelectorAll(`.quote[data-of="${data.of}"] span`)) quote.textContent = current.excerpt || quote.textContent;
  }

  /**
   * Removes a recalled text, also from where it was quoted.
   * @param {Message} notice
   */
  recalled({ data }) {
    const { of: seq, member: sender } = data;
    const element = this.list.querySelector(`.message[data-seq="${seq}"]`);
    for (const quote of document.querySelectorAll(`.quote[data-of="${seq}"] span`)) quote.textContent = text("recalled");
    if (!element) return;
    const { dateTime: created_at } = element.querySelector("time");
    const notice = this.make({ seq, sender, created_at, kind: "notice", sender_role: "system", data: { ...data, event: "recalled" } });
    this.anchor.keep(() => {
      element.replaceWith(notice);
      this.decorateAround(notice);
    });
  }

  // Removes all before this seq, and unsent texts: nobody will read them.
  erase(seq) {
    for (const id of [...this.pending.keys()]) this.dropPending(id);
    this.clearFresh();
    for (const element of this.bubbles()) if (Number(element.dataset.seq) < seq) element.remove();
  }

  // Removes a message that is left out by now.
  leaveOut(seq) {
    const element = this.list.querySelector(`.message[data-seq="${seq}"]`);
    if (!element) return;
    const next = element.nextElementSibling;
    this.anchor.keep(() => {
      element.remove();
      if (next?.matches(".message")) this.decorate(next);
    });
  }

  // Shows a page of older messages: one change, one layout.
  showOlder(messages) {
    this.anchor.keep(() => {
      this.quietly(() => this.list.prepend(...this.makeAll(messages)));
      this.decorateAll();
    });
  }

  // Does `step` unread by screen readers: it is no news.
  quietly(step) {
    this.list.ariaLive = "off";
    step();
    setTimeout(() => (this.list.ariaLive = "polite"), 500);
  }

  settle(element, message) {
    this.pending.delete(message.client_id);
    delete element.dataset.state;
    element.querySelector(".actions")?.remove();
    attach(element, message.attachment);
    // It may have been taken back or edited since it was chosen.
    if (message.reply_to && element.querySelector(".quote")) fillQuote(element.querySelector(".quote"), message.reply_to, this.me);
    this.format(element, message);
    stamp(element, message);
    this.showState(element);
  }

  format(element, message) {
    if (message.formatted) this.anchor.keep(() => fillBody(element.querySelector(".body"), message));
  }

  // An own message that is shown already arrives as others have it.
  confirmed(message) {
    this.dropPending(message.client_id);
    const element = this.list.querySelector(`.message[data-seq="${message.seq}"]`);
    if (element && !element.dataset.edited) this.format(element, message);
  }

  // Moved only if it must be: a moved element is read again and loses the focus.
  put(element, before) {
    const there = element.parentElement === this.list && [element, element.nextElementSibling].includes(before);
    if (!there) this.list.insertBefore(element, before);
  }

  // The element before which a message of this seq belongs: the next higher one, or an unsent one.
  after(seq, own) {
    let before = null;
    for (let child = this.list.lastElementChild; child; child = child.previousElementSibling) {
      if (child === own) continue;
      const other = Number(/** @type {HTMLElement} */ (child).dataset.seq);
      if (child.matches(".message") && other && other < seq) break;
      before = child;
    }
    // The line of new messages belongs to the message below it, which may be this one.
    return before === this.line && before?.nextElementSibling === own ? own : before;
  }

  /**
   * Shows an unsent or failed message below everything that is stored.
   * @param {Item} item
   * @param {string} name The author's.
   */
  showPending(item, name) {
    let element = this.pending.get(item.client_id);
    if (!element) {
      element = build(
        this.template,
        {
          kind: item.note ? "note" : "message",
          sender: this.me,
          sender_name: name,
          sender_role: "",
          content: item.content,
          reply_to: item.reply_to,
          mentions: item.mentions,
          client_id: item.client_id,
          created_at: new Date(item.at).toISOString(),
        },
        this.me,
      );
      this.dress(element, { sender: this.me, sender_name: name });
      this.pending.set(item.client_id, element);
      this.list.append(element);
      this.decorateAround(element);
      this.anchor.toEnd();
    }
    element.dataset.state = item.state;
    const failed = item.state === "failed";
    const reason = item.code ? text(`failed_${item.code}`) : "";
    const state = element.querySelector(".state");
    // That a message is being sent need not be read out; that it failed must be.
    state.role = failed ? "alert" : null;
    state.textContent = reason && !reason.startsWith("failed_") ? reason : text(failed ? "failed" : "sending");
    element.querySelector(".actions").hidden = !failed;
    element.querySelector('[data-act="insist"]').hidden = item.code !== "stale";
    // The same text under the same id can only fail again; it can be edited instead.
    element.querySelector('[data-act="retry"]').hidden = ["stale", "too_long", "conflict"].includes(item.code);
  }

  dropPending(clientId) {
    const element = this.pending.get(clientId);
    this.pending.delete(clientId);
    if (!element) return;
    const next = element.nextElementSibling;
    element.remove();
    if (next) this.decorateAround(next);
  }

  // The other side has read up to `seq`.
  seen(seq) {
    if (seq <= this.seenSeq) return;
    this.seenSeq = seq;
    for (const element of this.list.querySelectorAll(".message[data-mine]")) this.showState(element);
  }

  showState(element) {
    const { mine, kind, state, seq } = element.dataset;
    if (mine === undefined || state) return;
    const known = kind === "message" ? text(Number(seq) <= this.seenSeq ? "read" : "sent") : "";
    const place = element.querySelector(".state");
    if (place.textContent !== known) place.textContent = known;
  }

  // Shows the line of new messages above the first one of others after `seq`; without one it
  // removes the line.
  markFresh(seq) {
    this.clearFresh();
    const first = this.bubbles().find(({ dataset }) => Number(dataset.seq) > seq && dataset.sender !== this.me && dataset.kind !== "notice");
    if (!first) return;
    this.line = document.createElement("p");
    this.line.className = "fresh-line";
    this.line.textContent = text("fresh");
    this.anchor.keep(() => {
      first.before(this.line);
      this.decorate(first);
    });
  }

  clearFresh() {
    const next = this.line?.nextElementSibling;
    this.line?.remove();
    this.line = null;
    if (next) this.decorate(next);
  }

  bubbles() {
    return [...this.list.querySelectorAll(".message")];
  }

  // What was said today may be yesterday's by now.
  passMidnight() {
    if (this.today !== dayKey(new Date())) this.decorateAll();
  }

  decorateAll() {
    this.today = dayKey(new Date());
    for (const element of this.bubbles()) this.decorate(element);
  }

  decorateAround(element) {
    this.decorate(element);
    const next = element.nextElementSibling;
    if (next?.matches(".message")) this.decorate(next);
  }

  // Sets what depends on the message before: whether the name is repeated, and where a day begins.
  decorate(element) {
    let before = element.previousElementSibling;
    const afterLine = before === this.line && before !== null;
    if (afterLine) before = before.previousElementSibling;
    const date = new Date(at(element));
    const sameDay = before && dayKey(new Date(at(before))) === dayKey(date);
    set(element, "day", sameDay ? null : dayLabel(date));
    set(element, "follows", sameDay && !afterLine && follows(element, before) ? "" : null);
  }
}

function set(element, key, value) {
  if (value === null) delete element.dataset[key];
  else if (element.dataset[key] !== value) element.dataset[key] = value;
}
