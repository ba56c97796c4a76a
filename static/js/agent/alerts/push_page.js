// Pushes to this device: allowing them, what is pushed, a test, and the list of one's devices.

import { csrfToken, getJson } from "../../connection/http.js";
import { fetched } from "../../shared/fetched.js";
import { load, text } from "../../shared/text.js";
import { ask, keepDevice, subscribe } from "../../worker/subscription.js";
import { register } from "../app/register.js";

const PUSH = "/agent/push/";
// Which text explains a refusal of the server's.
const KNOWN = new Set(["conflict", "offline", "unauthorised"]);

// What stands in the way of pushes here, or whether they are on.
export function stateOf({ secure, apple, standalone, able, permission, on }) {
  if (!secure) return "insecure";
  if (apple && !standalone) return "home";
  if (!able) return "none";
  if (permission === "denied") return "denied";
  return on && permission === "granted" ? "on" : "off";
}

// The key of the text that explains why something failed.
export function reasonOf(error) {
  if (KNOWN.has(error.code)) return error.code;
  if (error.facts?.error === "bad_field") return error.facts.field === "endpoint" ? "address" : "quiet";
  // subscribe() of the browser's.
  return error.name === "AbortError" || error.name === "NetworkError" ? "service" : "failed";
}

class PushPage {
  constructor(section) {
    Object.assign(this, { section, form: section.querySelector("form"), outcome: section.querySelector(".push-outcome") });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => this.save());
    });
    section.querySelector(".test").addEventListener("click", () => this.attempt(() => this.test()));
    section.addEventListener("click", ({ target }) => target.matches(".remove") && this.attempt(() => this.remove(target.closest("li"))));
  }

  // The subscription of this browser, if there is one, and its row in the list.
  async look() {
    const registration = await navigator.serviceWorker?.getRegistration("/agent/");
    this.subscription = (await registration?.pushManager?.getSubscription()) ?? null;
    this.row = this.rows.find(({ dataset }) => dataset.endpoint === this.subscription?.endpoint);
    this.show();
    this.fill(this.row?.dataset);
  }

  get rows() {
    return [...this.section.querySelectorAll(".devices li")];
  }

  get state() {
    const apple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
    return stateOf({
      apple,
      secure: isSecureContext,
      standalone: matchMedia("(display-mode: standalone)").matches || navigator.standalone === true,
      able: "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis,
      permission: globalThis.Notification?.permission,
      on: Boolean(this.row),
    });
  }

  show() {
    const { section, form, state, row } = this;
    for (const line of section.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
    form.hidden = state !== "on" && state !== "off";
    for (const button of form.querySelectorAll("[data-only]")) button.hidden = button.dataset.only !== state;
    for (const one of this.rows) one.querySelector(".this").hidden = one !== row;
  }

  // The choices of this device, as they are stored.
  fill({ choice = "all", from = "", to = "" } = {}) {
    this.form.elements.quiet_from.value = from;
    this.form.elements.quiet_to.value = to;
    this.form.elements.choice.value = choice;
  }

  // Does a step, and says what came of it: its words, or why it failed.
  async attempt(step) {
    this.outcome.textContent = "";
    try {
      this.outcome.textContent = (await step()) ?? "";
    } catch (error) {
      this.outcome.textContent = text(reasonOf(error));
    }
    this.show();
  }

  // Permission is asked for by the press that led here: browsers refuse it otherwise.
  async save() {
    if ((await Notification.requestPermission()) !== "granted") return null;
    const { choice, quiet_from: from, quiet_to: to } = this.form.elements;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const choices = { choice: choice.value, quiet_from: from.value || null, quiet_to: to.value || null, zone };
    const registration = await register();
    await subscribe(registration, choices, csrfToken(), !this.row);
    const { me } = this.section.dataset;
    const { session } = await getJson(this.section.dataset.words);
    await keepDevice({ me, session, choices });
    await this.refresh();
    return text("saved");
  }

  async test() {
    const { endpoint } = this.subscription;
    const { words } = await ask(`${PUSH}test/`, { method: "POST", token: csrfToken(), body: { endpoint } });
    await this.refresh();
    return words;
  }

  async remove(row) {
    const { endpoint } = row.dataset;
    await ask(PUSH, { method: "DELETE", token: csrfToken(), body: { endpoint } });
    if (row === this.row) {
      await this.subscription.unsubscribe();
      await keepDevice(null);
    }
    await this.refresh();
    return text("removed");
  }

  // The list as the server has it now.
  async refresh() {
    const page = await fetched(location.pathname);
    const [old, now] = [this.section, page?.querySelector(".pushes")].map((one) => one && one.querySelectorAll("h3, .devices"));
    if (now) {
      for (const one of old) one.remove();
      this.section.append(...[...now].map((one) => document.adoptNode(one)));
    }
    await this.look();
  }
}

if (globalThis.document) {
  load(document);
  new PushPage(document.querySelector(".pushes")).look();
}
