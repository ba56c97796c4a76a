// The small controls of the workspace: the own online switch, the panel that folds, and what
// says that there is nothing here, or nothing yet.

import { showDot } from "./avatar.js";
import { postForm } from "./http.js";
import { text } from "./text.js";

export class OnlineSwitch {
  constructor(form, onFailure) {
    Object.assign(this, { form, button: form.querySelector("button") });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        this.show((await postForm(form.action, { online: this.button.value })).online);
      } catch (failure) {
        onFailure(failure);
      }
    });
  }

  show(online) {
    this.button.value = online ? "0" : "1";
    this.button.title = text(online ? "go_offline" : "go_online");
    this.button.querySelector(".online-text").textContent = text(online ? "online" : "offline");
    showDot(this.form, online);
  }
}

export function showTotal(badge, total) {
  badge.hidden = !total;
  badge.textContent = total > 99 ? "99+" : total;
}

// empty: no row is there; all: nor is anything left out by a view.
export function showEmpty(root, empty, all) {
  root.querySelector(".no-rows").hidden = !empty;
  root.querySelector(".nothing-yet").hidden = !(empty && all);
  root.querySelector(".nothing-chosen").hidden = empty && all;
}

// While another conversation is on its way, nothing can be written in the one still to be seen.
export function showLoading(thread, loading) {
  thread.querySelector(".loading").hidden = !loading;
  for (const part of thread.querySelectorAll(".conversation, .writing-area")) part.inert = loading;
}

// Links to #visitor work without scripts; with them the history stays free of it, the focus
// follows, and Escape closes.
export function foldPanel(panel, open, close) {
  const show = (shown) => {
    panel.toggleAttribute("data-open", shown);
    open.ariaExpanded = String(shown);
    (shown ? close : open).focus();
  };
  open.ariaExpanded = "false";
  open.setAttribute("aria-controls", panel.id);
  open.addEventListener("click", (event) => {
    event.preventDefault();
    show(!panel.hasAttribute("data-open"));
  });
  close.addEventListener("click", (event) => {
    event.preventDefault();
    show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.hasAttribute("data-open")) show(false);
  });
}
