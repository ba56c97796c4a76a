// The visitor's menu: sends its plain forms without leaving the page. Loaded when it is opened.

import { postForm } from "../connection/http.js";
import { text } from "../shared/text.js";

export class Menu {
  // onEnded(): the conversation was ended here. sound(): a promise of the ReplySound to mute; of
  // nothing while there is no conversation, or if it could not be loaded.
  constructor({ menu, onEnded, sound }) {
    Object.assign(this, { menu, onEnded, sending: new Set() });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
    const link = menu.querySelector(".transcript");
    const address = new URL(link.href);
    address.searchParams.set("zone", zone);
    link.href = address;
    link.addEventListener("click", () => this.back());
    menu.querySelector("[name=zone]").value = zone;
    const mute = menu.querySelector(".mute");
    const show = async () => {
      // What became of the last request is no answer to the next one.
      if (!menu.open) for (const outcome of menu.querySelectorAll(".outcome")) outcome.textContent = "";
      const loaded = menu.open && (await sound());
      mute.hidden = !loaded;
      mute.ariaPressed = Boolean(loaded?.muted);
    };
    menu.addEventListener("toggle", show);
    show();
    mute.addEventListener("click", async () => {
      const loaded = await sound();
      loaded.muted = !loaded.muted;
      mute.ariaPressed = loaded.muted;
    });
    menu.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("click", ({ target }) => menu.contains(target) || this.close());
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.back();
    });
  }

  // Closes it, and returns the focus to its button.
  back() {
    this.close();
    this.menu.querySelector("summary").focus();
  }

  close() {
    for (const part of [this.menu, ...this.menu.querySelectorAll("details")]) part.open = false;
  }

  async submit(event) {
    const form = event.target;
    const outcome = form.querySelector(".outcome");
    // The choice of a language loads the page anew.
    if (!outcome) return;
    event.preventDefault();
    // What is inert meanwhile would lose the focus, and the outcome be spoken by no screen reader.
    if (this.sending.has(form)) return;
    const { email, zone } = Object.fromEntries(new FormData(form));
    const mail = email !== undefined;
    this.sending.add(form);
    outcome.textContent = mail ? text("sending") : "";
    try {
      await postForm(form.action, mail ? { email, zone } : {});
      outcome.textContent = mail ? text("mailed", { email }) : "";
      if (!mail) {
        if (this.menu.open) this.back();
        this.onEnded();
      }
    } catch ({ code }) {
      outcome.textContent = text(REASONS[code] ?? "not_done");
    } finally {
      this.sending.delete(form);
    }
  }
}

const REASONS = { conflict: "mail_unanswered", bad_field: "mail_no_address", rate_limited: "mail_too_much" };
