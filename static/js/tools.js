// What one can do with a message: a small bar above the one that is pointed at. Without a pointer,
// Up in the empty field comes here, Up and Down change the message, Escape goes back.

import { text } from "./text.js";
import { ago, full } from "./time.js";

const WITHIN = 120_000;
const GAP = 8;

export class Tools {
  // The page's Answering.
  constructor(page) {
    const { view } = page;
    Object.assign(this, { page, view, me: page.me, field: page.composer.field, element: null });
    this.bar = document.createElement("div");
    this.bar.className = "message-tools";
    this.bar.role = "toolbar";
    this.bar.hidden = true;
    this.time = document.createElement("time");
    this.bar.append(this.time);
    this.reply = this.button("reply", () => page.answer(this.message));
    this.take = this.button("recall", () => this.ask());
    view.list.parentElement.append(this.bar);
    view.list.parentElement.addEventListener("pointerleave", () => this.has() || this.hide());
    this.bar.addEventListener("keydown", (event) => this.pressed(event));
    this.bar.addEventListener("focusout", ({ relatedTarget }) => this.bar.contains(relatedTarget) || this.hide());
    new MutationObserver(() => this.settle()).observe(view.list, { childList: true });
  }

  button(name, onClick) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text(`tool_${name}`);
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

  // The conversation may have gone while this module was on its way.
  point(element) {
    this.element = element;
    this.message = this.page.conversation()?.timeline.messages.find((one) => String(one.seq) === element.dataset.seq);
    if (!this.message) return this.hide();
    const date = new Date(this.message.created_at);
    const age = Date.now() - date;
    this.time.textContent = ago(date);
    this.time.dateTime = this.message.created_at;
    this.time.title = full(date);
    this.take.hidden = this.message.sender !== this.me || age > WITHIN;
    this.take.textContent = text("tool_recall");
    this.bar.ariaLabel = `${this.message.sender_name}, ${full(date)}: ${this.message.content.slice(0, 80)}`;
    this.bar.hidden = false;
    this.place();
  }

  // Beside the bubble, towards the middle; where there is no room, upon its upper edge.
  place() {
    const frame = this.bar.offsetParent?.getBoundingClientRect();
    if (!frame) return;
    const body = this.element.querySelector(".body");
    const bubble = (body.offsetHeight ? body : (this.element.querySelector(".file") ?? this.element)).getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.bar;
    const right = bubble.left + bubble.width / 2 > frame.left + frame.width / 2;
    const left = right ? bubble.left - width - GAP : bubble.right + GAP;
    const fits = left >= frame.left + GAP && left + width <= frame.right - GAP;
    const above = right ? bubble.right - width - GAP : bubble.left + GAP;
    this.bar.style.left = `${(fits ? left : above) - frame.left}px`;
    this.bar.style.top = `${bubble.top - frame.top + (fits ? (Math.min(bubble.height, 56) - height) / 2 : -height / 2)}px`;
  }

  // What stands around it has changed.
  settle() {
    if (this.bar.hidden) return;
    if (this.element?.isConnected) this.place();
    else this.hide();
  }

  hide() {
    if (this.has()) this.field.focus();
    this.bar.hidden = true;
    this.element = null;
  }

  last() {
    const element = this.usable().at(-1);
    if (!element) return;
    this.point(element);
    this.reply.focus();
  }

  pressed(event) {
    const all = this.usable();
    const at = all.indexOf(this.element);
    const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1] }[event.key];
    const buttons = [this.reply, this.take].filter(({ hidden }) => !hidden);
    if (event.key === "Escape" || (event.key === "ArrowDown" && !next)) this.hide();
    else if (next) {
      next.scrollIntoView({ block: "nearest" });
      this.reply.focus();
      this.point(next);
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key)) {
      buttons[(buttons.indexOf(document.activeElement) + 1) % buttons.length].focus();
    } else return;
    event.preventDefault();
  }

  // There is no way back, so the first press asks and the second does it.
  ask() {
    if (this.take.textContent === text("tool_recall")) {
      this.take.textContent = text("tool_recall_sure");
      this.place();
      return;
    }
    this.page.recall(this.message.seq);
    this.hide();
  }
}
