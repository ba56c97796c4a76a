// The panel about the visitor: what is known of them, and the forms that change it. The forms are
// sent without leaving the page; changes come back to all pages by the event `visitor`. Loaded with
// the first conversation.

import { showDot, showFace } from "../avatar.js";
import { redraw } from "../redraw.js";
import { getJson, postForm } from "../../connection/http.js";
import { copy } from "../../shared/clipboard.js";
import { has, text } from "../../shared/text.js";
import { ago, full, short } from "../../shared/time.js";
import * as attributes from "./visitor_attributes.js";
import { wording, words } from "./visitor_wording.js";

const TIMES = ["created_at", "last_seen_at", "consented_at"];
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const SOON = 400;
const MINUTE = 60_000;
// Milliseconds for which a button says that it was done.
const DONE = 2_000;
const RECENT = 30 * 24 * 60 * MINUTE;

export class VisitorPanel {
  // panel: its element. href(group): a conversation's address. onOpen(group): another conversation
  // was chosen. onFailure(failure).
  constructor({ panel, href, onOpen, onFailure }) {
    Object.assign(this, { panel, href, onOpen, onFailure, group: null, visitor: {}, due: null });
    this.templates = Object.fromEntries(["step", "reception", "other", "hold"].map((name) => [name, document.querySelector(`#${name}-template`)]));
    panel.addEventListener("submit", (event) => event.target.matches(".about") && this.submitted(event));
    panel.addEventListener("click", (event) => this.clicked(event));
    this.offerCopy(panel.querySelector(".copy"));
    const cancel = panel.querySelector(".cancel");
    cancel.hidden = false;
    cancel.addEventListener("click", () => this.cancel(cancel.form));
    panel.addEventListener("keydown", (event) => {
      const form = event.target.closest("details[open]")?.querySelector("form.about");
      if (event.key !== "Escape" || !form) return;
      // The panel itself stays open.
      event.preventDefault();
      event.stopPropagation();
      this.cancel(form);
    });
    const edit = panel.querySelector(".edit");
    edit.addEventListener("toggle", () => edit.open && edit.querySelector("#visitor-name").focus());
    // What opens at the panel's end would be below its edge.
    for (const part of panel.querySelectorAll(".measures details")) {
      part.addEventListener("toggle", () => part.open && part.querySelector("form").scrollIntoView({ block: "nearest" }));
    }
    setInterval(() => this.group && this.draw(), MINUTE);
  }

  offerCopy(button) {
    const words = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (await copy(this.visitor.contact)) done(button, words);
    });
  }

  // Closes the form; the fields are again what is known.
  cancel(form) {
    this.clear(form);
    this.close(form);
  }

  clear(form) {
    this.complain(form, "");
    form.reset();
  }

  // Takes over what the server rendered.
  adopt(group, who) {
    const visitor = { visitor: who };
    for (const element of this.panel.querySelectorAll("[data-fact]")) {
      const name = element.dataset.fact;
      visitor[name] = TIMES.includes(name) ? element.dateTime : (element.dataset.value ?? element.textContent);
    }
    visitor.attributes = attributes.read(this.panel);
    visitor.online = visitor.online === text("online");
    visitor.erased = this.panel.hasAttribute("data-erased");
    visitor.contacts_hidden = !this.panel.querySelector(".hidden-contacts").hidden;
    visitor.contact_proven = this.panel.querySelector(".proving").hidden;
    for (const time of this.panel.querySelectorAll("li time")) date(time.parentElement, time.dateTime);
    // A form that was opened meanwhile is of this conversation, and stays so.
    this.group = group;
    this.show(group, visitor);
  }

  // Shows another conversation, or the same one as the server has it now.
  show(group, visitor) {
    this.masked = null;
    const other = group !== this.group;
    if (other) for (const part of this.panel.querySelectorAll("details")) part.open = false;
    this.group = group;
    // Not `form.action`: a field of theirs has that name.
    for (const form of this.panel.querySelectorAll(".about")) {
      if (other) this.clear(form);
      form.setAttribute("action", `${this.href(group)}visitor/`);
      form.inert = false;
    }
    this.visitor = visitor;
    this.draw();
  }

  // Takes over facts that changed. Contact data that was asked for stays while this is shown,
  // unless it has changed since.
  update(facts) {
    const same = facts.contacts_hidden && hiddenFacts(facts) === this.masked;
    const { contact, identity, attributes: _values, contacts_hidden, ...others } = facts;
    Object.assign(this.visitor, same ? others : facts);
    this.draw();
  }

  // Loads the panel anew, once for events that come together.
  refresh() {
    this.due ??= setTimeout(async () => {
      this.due = null;
      const { group } = this;
      // The agent sits there no more.
      if (this.panel.hidden) return;
      const answer = await getJson(`${this.href(group)}visitor/`).catch(() => null);
      if (answer && group === this.group) this.update(answer.visitor);
    }, SOON);
  }

  draw() {
    const { visitor } = this;
    attributes.draw(this.panel, visitor.attributes);
    for (const element of this.panel.querySelectorAll("[data-fact]")) {
      const name = element.dataset.fact;
      const value = visitor[name];
      if (TIMES.includes(name)) {
        element.dateTime = value ?? "";
        element.textContent = value ? since(new Date(value)) : "";
        element.title = value ? full(new Date(value)) : "";
      } else if (name === "contact") element.replaceChildren(...words(value));
      else element.textContent = wording(name, value);
      if (name === "last_seen_at") element.parentElement.hidden = !value || visitor.online || isNow(value);
      else if (!element.closest(".who")) element.closest("div").hidden = !element.textContent;
    }
    const who = this.panel.querySelector(".who");
    showFace(who, { uuid: visitor.visitor, name: visitor.name });
    showDot(who, visitor.online ? "online" : "offline");
    if (visitor.path) this.list(".pages", [...visitor.path].reverse(), (one) => this.step(one, visitor));
    else this.panel.querySelector(".step")?.toggleAttribute("data-now", visitor.online);
    if (visitor.receptions) this.list(".receptions", visitor.receptions, (one) => this.reception(one));
    if (visitor.legal_holds) this.drawHolds(visitor.legal_holds);
    if (visitor.others) this.drawOthers(visitor.others);
    for (const link of this.panel.querySelectorAll(".customer-page, .write-mail")) link.pathname = link.pathname.replace(UUID, visitor.visitor);
    this.panel.toggleAttribute("data-erased", Boolean(visitor.erased));
    this.panel.querySelector(".hidden-contacts").hidden = !visitor.contacts_hidden;
    this.panel.querySelector(".proving").hidden = visitor.contact_proven || !visitor.contact?.includes("@");
    this.panel.querySelector(".copy").hidden = Boolean(visitor.contacts_hidden);
    if ("blocked" in visitor) this.drawBlock(visitor.blocked);
    this.fill();
  }

  drawOthers(others) {
    this.list(".others", others, (one) => this.other(one));
    const linked = new Set(others.map((one) => one.visitor).filter(Boolean)).size;
    const words = this.panel.querySelector(".linked");
    words.hidden = !linked;
    words.textContent = text("linked", { n: linked });
  }

  drawBlock(block) {
    const over = this.panel.querySelector(".block-over");
    over.hidden = !block;
    this.panel.querySelector("details.block").hidden = Boolean(block);
    if (!block) return;
    const { until, by_name: name, reason } = block;
    over.querySelector(".blocked-until").textContent = until ? text("blocked_until", { time: full(new Date(until)) }) : text("blocked");
    over.querySelector(".blocked-by").textContent = text("by_other", { name, text: reason });
  }

  drawHolds(holds) {
    const list = this.panel.querySelector(".holds");
    list.hidden = holds.length === 0;
    redraw(list, holds.map((one) => this.hold(one)));
  }

  hold({ hold, reason, by_name: name, placed_at: at, team_name: team }) {
    const row = this.row("hold");
    date(row, at);
    row.querySelector(".hold-what").textContent = team ?? text("hold_all");
    row.querySelector(".hold-why").textContent = text("by_other", { name, text: reason });
    const form = row.querySelector("form");
    if (form) {
      form.setAttribute("action", `${this.href(this.group)}visitor/`);
      form.elements.hold.value = hold;
    }
    return row;
  }

  // Fills the form's fields, unless somebody is writing in them.
  fill() {
    const form = this.panel.querySelector(".edit form");
    if (form.closest("details").open) return;
    form.elements.name.value = form.elements.name.defaultValue = this.visitor.name;
    const { contact, contacts_hidden: hidden } = this.visitor;
    const field = form.elements.contact;
    field.value = field.defaultValue = hidden ? "" : contact;
    field.placeholder = (hidden && contact) || field.dataset.empty;
    attributes.fill(this.panel, form);
  }

  list(place, rows, build) {
    const section = this.panel.querySelector(place);
    section.hidden = rows.length === 0;
    redraw(section.querySelector("ul, ol"), rows.map(build));
  }

  row(name) {
    return this.templates[name].content.firstElementChild.cloneNode(true);
  }

  // A page of the path. The last one is where the visitor is, while they are online.
  step(one, { path, online }) {
    const row = this.row("step");
    row.toggleAttribute("data-now", online && one === path[path.length - 1]);
    const place = row.querySelector(".place");
    place.textContent = one.url.slice(one.url.indexOf("://") + 3);
    place.title = one.url;
    date(row, one.at);
    return row;
  }

  reception({ closed_at: at, closed_name: name, score, ...facts }) {
    const row = this.row("reception");
    date(row, at);
    row.querySelector(".closer").textContent = name ?? "";
    const stars = row.querySelector(".stars");
    stars.hidden = !score;
    if (score) {
      stars.textContent = "★".repeat(score) + "☆".repeat(5 - score);
      stars.ariaLabel = text("rated", { score });
    }
    for (const name of ["reason", "summary", "comment"]) {
      const part = row.querySelector(`.${name}`);
      part.textContent = name === "reason" && facts.reason === "idle" && !facts.closed_name ? text("reason_idle") : facts[name];
      part.hidden = !facts[name];
    }
    return row;
  }

  other({ group, team_name: team, visitor_name: who, open, last_activity: at, channel }) {
    const row = this.row("other");
    date(row, at);
    const link = row.querySelector("a");
    link.href = this.href(group);
    link.textContent = [team, channel && text(`channel_${channel}`), who].filter(Boolean).join(" · ");
    row.querySelector(".other-closed").hidden = open;
    return row;
  }

  clicked(event) {
    const link = event.target.closest(".other a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.onOpen(link.pathname.match(UUID)[0]);
  }

  async submitted(event) {
    event.preventDefault();
    const { group } = this;
    const form = event.target;
    const button = form.querySelector("button:not([type])");
    const words = button.textContent;
    const { csrfmiddlewaretoken, ...fields } = Object.fromEntries([...new FormData(form)].filter(([name, value]) => value !== form.elements[name]?.dataset?.before));
    button.disabled = true;
    try {
      const answer = await postForm(form.getAttribute("action"), fields);
      if (answer.visitor) return this.reveal(answer.visitor);
      // By now the form is another conversation's.
      if (group !== this.group) return;
      this.cancel(form);
      if (button.dataset.done) done(button, words);
      this.refresh();
    } catch (failure) {
      // A fresh proof is asked for on a page of its own, which leads back here.
      if (failure.facts?.confirm) return location.assign(failure.facts.confirm);
      this.onFailure(failure);
      if (group !== this.group) return;
      const { legal_hold: hold } = failure.facts ?? {};
      if (hold) return this.complain(form, text("about_legal_hold", { name: hold.by_name, reason: hold.reason }));
      const why = [failure.facts?.state, failure.code].map((one) => `about_${one}`).find(has);
      this.complain(form, text(why ?? "refused_other"));
    } finally {
      button.disabled = false;
    }
  }

  // Shows the contact data that was asked for.
  reveal(visitor) {
    if (visitor.visitor !== this.visitor.visitor) return;
    this.masked = hiddenFacts(this.visitor);
    this.visitor = { ...this.visitor, ...visitor };
    this.draw();
    this.panel.querySelector('[data-fact="contact"]').focus();
  }

  close(form) {
    const part = form.closest("details");
    if (!part) return;
    part.open = false;
    part.querySelector("summary").focus();
  }

  // Shows below the fields why the form was refused; the fields stay as they are.
  complain(form, words) {
    let line = form.querySelector(".field-error");
    if (!line && !words) return;
    if (!line) {
      line = document.createElement("p");
      line.className = "field-error";
      line.setAttribute("role", "alert");
      (form.querySelector(".cluster") ?? form.querySelector("button")).before(line);
    }
    line.textContent = words;
  }
}

function date(row, at) {
  const time = row.querySelector("time");
  time.dateTime = at;
  time.textContent = short(new Date(at));
  time.title = full(new Date(at));
}

// Says at a button that it was done, and after a while again what it does.
function done(button, words) {
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = words), DONE);
}

// What stands in place of hidden contact data, to be compared.
const hiddenFacts = ({ contact, attributes: values }) => JSON.stringify([contact, attributes.listed(values)]);

// "Offline · now" would say the opposite.
const isNow = (value) => Date.now() - Date.parse(value) < MINUTE;

// How long ago it was; a long time ago, the day.
const since = (date) => (Date.now() - date < RECENT ? ago(date) : short(date));
