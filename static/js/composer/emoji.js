// A small choice of emoji, drawn by the reader's own fonts. The last ones used stand first. Arrow keys
// move, Enter chooses, Escape goes back to the text.

import { insert } from "./insert.js";
import { text } from "../shared/text.js";

const ALL =
  "😀 😃 😄 😁 😆 😅 🤣 😂 🙂 😉 😊 😍 🥰 😘 😋 😛 🤗 🤔 😐 😏 😒 🙄 😬 😌 😔 😴 😷 🥳 😎 😕 😟 😮 😳 🥺 😢 😭 😱 😓 😤 😡 " +
  "👍 👎 👌 ✌️ 🤞 🤝 🙏 👏 🙌 💪 👋 👀 ❤️ 💔 💯 🔥 ✨ ⭐ 🎉 🎁 🌹 🌸 ☀️ 🌙 ☕ 🍵 🍎 🎂 🍻 🧧 📦 🚚 💰 💳 📱 💻 ✉️ 📞 📅 📌 ✅ ❌ ❓ ❗";
const RECENT = 8;

export class Emoji {
  /**
   * @param {object} options
   * @param {import("./composer.js").Composer} options.composer
   * @param {HTMLElement} options.button
   * @param {import("../connection/outbox.js").Store} options.store
   */
  constructor({ composer, button, store }) {
    this.composer = composer;
    this.button = button;
    this.store = store;
    this.box = document.createElement("div");
    this.box.className = "emoji-box";
    this.box.role = "group";
    this.box.ariaLabel = text("emoji");
    this.box.hidden = true;
    button.before(this.box);
    this.box.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (target.matches("button")) this.choose(target.textContent);
    });
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("click", (event) => {
      const target = /** @type {Node} */ (event.target);
      if (!this.box.hidden && !this.box.contains(target) && !button.contains(target)) this.close(false);
    });
  }

  toggle() {
    if (!this.box.hidden) return this.close();
    const recent = this.store.get("kefu:emoji") ?? [];
    const shown = [...new Set([...recent, ...ALL.split(" ")])];
    this.box.replaceChildren(
      ...shown.map((emoji, at) => {
        const choice = document.createElement("button");
        Object.assign(choice, { type: "button", textContent: emoji, tabIndex: at ? -1 : 0 });
        return choice;
      }),
    );
    this.box.hidden = false;
    this.button.ariaExpanded = "true";
    this.box.querySelector("button").focus();
  }

  close(back = true) {
    this.box.hidden = true;
    this.button.ariaExpanded = "false";
    if (back) this.composer.field.focus();
  }

  choose(emoji) {
    const recent = this.store.get("kefu:emoji") ?? [];
    this.store.set("kefu:emoji", [emoji, ...recent.filter((one) => one !== emoji)].slice(0, RECENT));
    this.close();
    insert(this.composer.field, emoji);
  }

  pressed(event) {
    const current = /** @type {HTMLButtonElement} */ (document.activeElement);
    const all = [...this.box.querySelectorAll("button")];
    const row = all.filter(({ offsetTop }) => offsetTop === all[0].offsetTop).length;
    const rtl = getComputedStyle(this.box).direction === "rtl";
    const steps = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, ArrowDown: row, ArrowUp: -row };
    if (event.key === "Escape") this.close();
    else if (event.key in steps) {
      const next = all[all.indexOf(current) + steps[event.key]];
      if (next) {
        current.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
