// The tools of a message: a small bar beside the one that is pointed at. Without a pointer, Up in
// the empty field focuses it, Up and Down change the message, Escape goes back.

import { editable, hasLeft, WITHIN } from "../composer/editing.js";
import { copy } from "../shared/clipboard.js";
import { text } from "../shared/text.js";
import { ago, full } from "../shared/time.js";
import { uncited } from "./words.js";

const SHOWN = 1500;
// Pixels to the bubble, and at least to the edge of the thread.
const GAP = 6;
const EDGE = 2;
const SIGNS = {
  reply: "m9 6-5 5 5 5M4 11h10a6 6 0 0 1 6 6v1",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  edit: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
  article: "M5 19V5a2 2 0 0 1 2-2h12v14H7a2 2 0 0 0 0 4h12v-4",
  translate: "M3 6h10M8 3v3m3 0c-1 4-4 7-7 8m2-5c1 3 3 5 6 6m0 6 4.500-11L21 21m-7.500-3h6",
  recall: "M5 7h14M10 4h4M7 7l1 13h8l1-13",
};
const SVG = "http://www.w3.org/2000/svg";

export class Tools {
  /** @param {import("../composer/writing_aids.js").WritingAids} page */
  constructor(page) {
    const { view } = page;
    this.page = page;
    this.view = view;
    this.me = page.me;
    this.field = page.composer.field;
    /** @type {HTMLElement | null} */
    this.element = null;
    this.bar = document.createElement("div");
    this.bar.className = "message-tools";
    this.bar.role = "toolbar";
    this.bar.hidden = true;
    this.time = document.createElement("time");
    this.bar.append(this.time);
    this.reply = this.button("reply", () => page.answer(this.message));
    this.copy = this.button("copy", () => this.copied());
    this.edit = page.editing && this.button("edit", () => page.editing.begin(this.message));
    this.article = page.makeArticle && this.button("article", () => page.makeArticle(this.message));
    this.translate = page.translate && this.button("translate", () => page.translate && page.translate(this.message, this.element));
    this.recall = this.button("recall", () => this.ask());
    this.buttons = [this.reply, this.copy, this.edit, this.article, this.translate, this.recall].filter(Boolean);
    this.bar.addEventListener("keydown", (event) => this.pressed(event));
    this.mount();
  }

  // Where the bar stands, and when it goes.
  mount() {
    const { view } = this;
    // What the arrows lead to: the focus stays on the same button.
    this.said = document.createElement("p");
    Object.assign(this.said, { className: "visually-hidden", role: "status" });
    view.list.parentElement.append(this.bar, this.said);
    view.list.parentElement.addEventListener("pointerleave", () => this.has() || this.hide());
    // A finger does not leave as a pointer does.
    document.addEventListener("pointerdown", ({ target }) => view.list.parentElement.contains(/** @type {Node} */ (target)) || this.has() || this.hide());
    this.bar.addEventListener("focusout", ({ relatedTarget }) => this.bar.contains(/** @type {Node} */ (relatedTarget)) || this.hide());
    new MutationObserver(() => this.settle()).observe(view.list, { childList: true });
    new ResizeObserver(([{ contentRect }]) => this.resized(contentRect.width)).observe(view.list.parentElement);
  }

  button(name, onClick, path = SIGNS[name]) {
    const button = document.createElement("button");
    button.type = "button";
    const words = document.createElement("span");
    words.textContent = text(`tool_${name}`);
    button.append(sign(path), words);
    button.addEventListener("click", onClick);
    this.bar.append(button);
    return button;
  }

  has() {
    return this.bar.contains(document.activeElement);
  }

  usable() {
    return this.view.bubbles().filter(({ dataset }) => dataset.seq && !dataset.state && dataset.kind !== "notice");
  }

  show(element) {
    const { seq, state, kind } = element.dataset;
    if (element === this.element || this.has()) return;
    if (!seq || state || kind === "notice") return this.hide();
    this.point(element);
  }

  // The conversation may have been left while this module was loaded.
  point(element) {
    this.element = element;
    this.message = this.page.conversation()?.timeline.messages.find((one) => String(one.seq) === element.dataset.seq);
    if (!this.message) return this.hide();
    const date = new Date(this.message.created_at);
    const age = Date.now() - date.getTime();
    this.time.textContent = ago(date);
    this.time.dateTime = this.message.created_at;
    this.time.title = full(date);
    const { sender, sender_role: role, kind, content, data } = this.message;
    // Who only reads the conversation has no field to write in.
    const writes = Boolean(this.field.offsetParent);
    this.possible = new Set(writes ? [this.reply] : []);
    if (content) this.possible.add(this.copy);
    if (writes && this.edit && editable(this.message, this.me)) this.possible.add(this.edit);
    if (this.article && kind === "message" && role === "agent" && content) this.possible.add(this.article);
    if (this.translate && kind === "message" && role === "visitor" && content) this.possible.add(this.translate);
    const recalls = sender === this.me ? writes : data?.generated && this.page.leads?.();
    if (recalls && age <= WITHIN && !hasLeft(this.message)) this.possible.add(this.recall);
    this.copy.lastChild.textContent = text("tool_copy");
    this.sure(false);
    this.bar.ariaLabel = `${this.message.sender_name}, ${full(date)}: ${this.words.slice(0, 80)}`;
    this.bar.hidden = false;
    this.fit();
  }

  // Whether there is room beside the bubble, towards the middle: for words, for signs in a row, or
  // for two rows of signs, since a wide bubble is high, too. It is settled once for a message, so
  // that nothing moves away from the pointer.
  fit() {
    this.beside = [[false, false], [true, false], [true, true], [true, false]].some(([small, stacked], last) => {
      this.bar.toggleAttribute("data-small", small);
      this.bar.toggleAttribute("data-stacked", stacked);
      if (last === 3) return false;
      const { frame, bubble, right } = this.measure();
      const room = right ? bubble.left - frame.left : frame.right - bubble.right;
      return this.bar.offsetWidth + GAP + EDGE <= room;
    });
    this.place();
  }

  measure() {
    const frame = this.bar.offsetParent.getBoundingClientRect();
    const body = this.element.querySelector(".body");
    const shown = body.offsetHeight ? body : (this.element.querySelector(".file") ?? this.element);
    const bubble = shown.getBoundingClientRect();
    return { frame, bubble, right: bubble.left + bubble.width / 2 > frame.left + frame.width / 2 };
  }

  // The side at the bubble stays as the bar grows. Without room beside the bubble the bar covers
  // the line with the message's time.
  place() {
    if (!this.bar.offsetParent) return;
    const { frame, bubble, right } = this.measure();
    const { offsetWidth: width, offsetHeight: height } = this.bar;
    const near = this.beside ? (right ? bubble.left - GAP : bubble.right + GAP) : right ? bubble.right : bubble.left;
    const toLeft = right ? near - width : near;
    const left = Math.max(frame.left + EDGE, Math.min(toLeft, frame.right - width - EDGE));
    const below = this.element.querySelector(".meta").getBoundingClientRect().top > bubble.top;
    const over = below ? bubble.bottom + EDGE : bubble.top - height - EDGE;
    const top = this.beside ? bubble.top + (Math.min(bubble.height, 56) - height) / 2 : over;
    Object.assign(this.bar.style, { left: `${left - frame.left}px`, top: `${top - frame.top}px` });
  }

  // Something around the bar has changed.
  settle() {
    if (this.bar.hidden) return;
    if (this.element?.isConnected) this.place();
    else this.hide();
  }

  // With the thread's width the room beside the bubble changes; with its height, as each message
  // changes it, it does not.
  resized(width) {
    if (width === this.width) return;
    this.width = width;
    if (!this.bar.hidden && this.element?.isConnected) this.fit();
  }

  hide() {
    if (this.has()) this.field.focus();
    this.bar.hidden = true;
    this.element = null;
  }

  last() {
    const element = this.usable().pop();
    if (!element) return;
    this.point(element);
    this.reply.focus();
  }

  pressed(event) {
    const all = this.usable();
    const at = all.indexOf(this.element);
    const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1] }[event.key];
    const buttons = this.buttons.filter(({ hidden }) => !hidden);
    if (event.key === "Escape" || (event.key === "ArrowDown" && !next)) this.hide();
    else if (next) {
      next.scrollIntoView({ block: "nearest" });
      this.reply.focus();
      this.point(next);
      this.said.textContent = this.bar.ariaLabel;
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const step = (event.key === "ArrowLeft") === (getComputedStyle(this.bar).direction === "rtl") ? 1 : buttons.length - 1;
      buttons[(buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) + step) % buttons.length].focus();
    } else return;
    event.preventDefault();
  }

  get words() {
    return uncited(this.message.content, this.message.data);
  }

  async copied() {
    const done = await copy(this.words);
    this.copy.lastChild.textContent = text(done ? "tool_copied" : "tool_copy");
    if (done) setTimeout(() => (this.copy.lastChild.textContent = text("tool_copy")), SHOWN);
  }

  // A recall cannot be undone, so the first press asks and the second does it.
  ask() {
    if (!("sure" in this.bar.dataset)) {
      this.sure(true);
      this.place();
      return;
    }
    this.page.recall(this.message.seq);
    this.hide();
  }

  sure(asking) {
    this.bar.toggleAttribute("data-sure", asking);
    this.time.hidden = asking;
    for (const button of this.buttons) button.hidden = !this.possible.has(button) || (asking && button !== this.recall);
    this.recall.lastChild.textContent = text(asking ? "tool_recall_sure" : "tool_recall");
  }
}

function sign(path) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  drawn.append(line);
  return drawn;
}
