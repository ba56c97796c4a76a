// The tools of a message where a finger points: a long press, or the key for a context menu, opens them
// as a sheet at the lower edge. A tap outside, Escape and the back button close it.

import { layers } from "./layers.js";
import { Tools } from "../thread/tools.js";

// Milliseconds; browsers have half a second for their own menus, which must not come first.
const HELD = 450;
// Pixels: a finger that moves further scrolls.
const STILL = 10;
const COPIED = 700;
const SELECT = "M8 4h8M8 20h8M12 4v16M4 8v8m16-8v8";

export class MessageSheet extends Tools {
  mount() {
    const { list } = this.view;
    this.select = this.button("select", () => this.selectText(), SELECT);
    this.copy.after(this.select);
    this.buttons.splice(2, 0, this.select);
    this.bar.className = "sheet-tools";
    this.dialog = document.createElement("dialog");
    this.dialog.className = "message-sheet";
    this.dialog.append(this.bar);
    list.closest(".conversation").append(this.dialog);
    // Only a press that began outside closes it: the finger that opened it is still there.
    this.dialog.addEventListener("pointerdown", ({ target }) => (this.outside = target === this.dialog));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.outside && this.hide());
    this.dialog.addEventListener("close", () => this.closed());
    this.closed = () => {};
    list.addEventListener("pointerdown", (event) => this.touched(event));
    for (const name of ["pointerup", "pointercancel", "pointermove"]) {
      document.addEventListener(name, (event) => this.moved(event), { passive: true });
    }
    for (const place of [list, this.dialog]) place.addEventListener("contextmenu", (event) => this.asked(event));
    document.addEventListener("selectionchange", () => getSelection().isCollapsed && this.unselect());
  }

  // The message that a press is for. The browser's own menu is for links, and for a text that is
  // being selected.
  messageAt(target) {
    return target.closest(".body a, [data-selecting]") ? null : target.closest(".message");
  }

  touched({ target, clientX, clientY, pointerType, isPrimary }) {
    clearTimeout(this.held);
    const element = this.messageAt(target);
    if (!element || pointerType !== "touch" || !isPrimary) return;
    this.from = [clientX, clientY];
    this.held = setTimeout(() => this.show(element), HELD);
  }

  moved({ type, clientX, clientY }) {
    if (type === "pointermove" && Math.hypot(clientX - this.from?.[0], clientY - this.from?.[1]) < STILL) return;
    clearTimeout(this.held);
  }

  asked(event) {
    const element = this.messageAt(event.target);
    if (!element && !this.dialog.open) return;
    event.preventDefault();
    clearTimeout(this.held);
    if (element) this.show(element);
  }

  show(element) {
    if (this.dialog.open) return;
    this.element = null;
    super.show(element);
  }

  // The tools of a message are known.
  fit() {
    if (this.dialog.open) return;
    this.dialog.ariaLabel = this.time.textContent = this.bar.ariaLabel;
    this.select.hidden = !this.possible.has(this.copy);
    this.dialog.showModal();
    this.buttons.find(({ hidden }) => !hidden)?.focus();
    this.closed = layers.add(() => this.hide());
    navigator.vibrate?.(10);
  }

  place() {}

  hide() {
    this.dialog.close();
  }

  // What a tool does comes after the sheet, which lets nothing else have the focus.
  button(name, onClick, path) {
    const stays = ["copy", "recall"].includes(name);
    return super.button(name, () => {
      if (!stays) this.hide();
      onClick();
    }, path);
  }

  async copied() {
    await super.copied();
    setTimeout(() => this.hide(), COPIED);
  }

  selectText() {
    this.element.dataset.selecting = "";
    getSelection().selectAllChildren(this.element.querySelector(".body"));
  }

  unselect() {
    for (const one of this.view.list.querySelectorAll("[data-selecting]")) delete one.dataset.selecting;
  }

  pressed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = this.buttons.filter(({ hidden }) => !hidden);
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  }
}
