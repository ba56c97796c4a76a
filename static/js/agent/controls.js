// The small controls of the workspace: the agent's online switch, the choice of the key that sends,
// the panel that folds, and the lines that say that a list is empty or loading.

import { showDot } from "./avatar.js";
import { layers } from "./layers.js";
import { postForm } from "../connection/http.js";
import { plural, text } from "../shared/text.js";
import { duration } from "../shared/durations.js";

const PANEL = "panel";

export class OnlineSwitch {
  // menu: the agent's own menu, whose form .states has one button for each state.
  constructor(menu, onFailure) {
    Object.assign(this, { menu, form: menu.querySelector(".states"), summary: menu.querySelector("summary") });
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.close(true);
      try {
        this.show((await postForm(this.form.action, { state: event.submitter.value })).state);
      } catch (failure) {
        onFailure(failure);
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.preventDefault();
      this.close(true);
    });
    document.addEventListener("click", ({ target }) => this.menu.contains(target) || this.close());
  }

  close(back = false) {
    if (back && this.menu.open) this.summary.focus();
    this.menu.open = false;
  }

  // Shows the state as colleagues see it. It may be `away`, which nobody chooses.
  show(state) {
    this.summary.querySelector(".online-text").textContent = text(state);
    showDot(this.summary, state);
    for (const button of this.form.querySelectorAll("button")) {
      if (button.value === state) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}

// Whether the agent is away because of offers that they missed.
export function showPaused(root, paused) {
  const place = root.querySelector(".put-away");
  place.hidden = !paused;
  place.textContent = paused ? text("offers_paused") : "";
}

// For managers: the teams in which visitors wait and nobody is there. The line is empty rather than
// hidden: a screen reader speaks what comes into a status that is there.
export function showUnattended(root, teams, now = Date.now()) {
  const place = root.querySelector(".unattended");
  if (!place) return;
  const lines = teams.map(({ name, waiting, since }) =>
    plural("unattended", waiting, { team: name, time: duration(now - Date.parse(since)) }),
  );
  // Unchanged text is not set again: a screen reader would repeat it.
  if (place.textContent !== lines.join("\n")) place.textContent = lines.join("\n");
}

// Lets the agent choose whether Enter or Ctrl+Enter sends. The choice is kept in `store` under
// `key`; other windows follow it.
export function chooseKey({ select, composer, store, key }) {
  const use = (choice) => {
    select.value = choice;
    composer.withCtrl = choice === "ctrl";
    // The label of the Enter key on a touch keyboard.
    composer.field.enterKeyHint = composer.withCtrl ? "enter" : "send";
  };
  const kept = () => use(store.get(key) ?? "enter");
  select.addEventListener("change", () => {
    use(select.value);
    store.set(key, select.value);
    composer.field.focus();
  });
  window.addEventListener("storage", (event) => event.key === key && kept());
  kept();
  // A keyboard on the screen has no Ctrl.
  if (layers.touched) for (const option of select.options) option.textContent = option.dataset.touch ?? option.textContent;
  select.hidden = false;
}

// empty: whether the list has no row. all: whether it shows every conversation.
export function showEmpty(root, empty, known) {
  root.querySelector(".no-rows").hidden = !empty;
  const yet = root.querySelector(".nothing-yet");
  if (known) yet.hidden = true;
  root.querySelector(".nothing-chosen").hidden = !yet.hidden;
}

// How many visitors wait: in the rail, where no conversation is open, and on the app's icon; and whether
// one has conversations to go on with. Takes the counts of the views.
export function showCounts(root, { waiting, mine }) {
  const badge = root.querySelector(".rail .total");
  navigator.setAppBadge?.(waiting)?.catch(() => {});
  badge.hidden = !waiting;
  badge.firstElementChild.textContent = waiting > 99 ? "99+" : waiting;
  root.querySelector(".somebody-waits").hidden = !waiting;
  root.querySelector(".nobody-waits").hidden = Boolean(waiting);
  for (const link of root.querySelectorAll(".go-on")) link.hidden = !mine;
}

// While another conversation is loading, the one that is still shown cannot be written in or acted
// on.
export function showLoading(thread, loading) {
  thread.querySelector(".loading > *").hidden = !loading;
  for (const part of thread.querySelectorAll(".head-actions, .conversation, .writing-area")) part.inert = loading;
}

// Makes the panel fold. Without scripts, links to #visitor do so; here the focus moves along, and
// Escape closes the panel.
export function foldPanel(panel, open, close, thread) {
  let closed = null;
  // A page of its own leaves nothing of the thread to reach.
  const cover = () => (thread.inert = layers.narrow && panel.hasAttribute("data-open"));
  layers.onTurn(cover);
  const show = (shown) => {
    panel.toggleAttribute("data-open", shown);
    cover();
    closed?.();
    closed = shown ? layers.add(() => show(false), PANEL) : null;
    open.ariaExpanded = String(shown);
    (shown ? close : open).focus();
  };
  open.ariaExpanded = "false";
  open.setAttribute("aria-controls", panel.id);
  // Back from a page that the panel led to.
  if (layers.last === PANEL && !panel.hidden) show(true);
  open.addEventListener("click", (event) => {
    event.preventDefault();
    show(!panel.hasAttribute("data-open"));
  });
  close.addEventListener("click", (event) => {
    event.preventDefault();
    show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.hasAttribute("data-open")) return;
    event.preventDefault();
    show(false);
  });
}
