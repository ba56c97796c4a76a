// The search in the agent's conversations: the results replace the list while there are search
// words. Loaded when the search field is first used.

import { getJson } from "../../connection/http.js";
import { has, plural, text } from "../../shared/text.js";
import { full, short } from "../../shared/time.js";

const PAUSE = 250;

export class Search {
  // root: the inbox. url: the address of the search. href(group): a conversation's address.
  // onAsk(): the search words changed. onOpen(group, seq): a result was chosen, with its message or
  // 0. onFailure(failure).
  constructor({ root, url, href, onAsk, onOpen, onFailure, clock = globalThis }) {
    Object.assign(this, { root, url, href, onAsk, onOpen, onFailure, clock, timer: null });
    this.form = root.querySelector(".search");
    this.field = this.form.elements.q;
    this.results = root.querySelector(".results");
    this.list = this.results.querySelector("ul");
    this.end = this.results.querySelector(".searched");
    this.further = this.results.querySelector(".further");
    // The results that the server rendered stay.
    this.asked = this.results.hidden ? "" : this.field.value.trim();
    this.more = this.further.dataset.before || null;
    this.template = document.querySelector("#result-template");
    for (const time of this.list.querySelectorAll("time")) showTime(time, time.dateTime);
    if (this.asked) this.showSummary(this.end.dataset.since);
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.keyCode === 229 || !this.field.value) return;
      event.preventDefault();
      this.clear();
    });
    this.further.addEventListener("click", (event) => {
      event.preventDefault();
      // The link is hidden now. What it finds comes below this one.
      this.list.lastElementChild?.querySelector("a").focus();
      this.fetch(this.more);
    });
    this.list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.onOpen(link.dataset.group, Number(link.dataset.seq));
    });
  }

  // Searches after a pause in typing.
  later() {
    this.clock.clearTimeout(this.timer);
    this.timer = this.clock.setTimeout(() => this.ask(), PAUSE);
  }

  clear() {
    this.field.value = "";
    this.ask();
  }

  // Searches for the words in the field. An empty field shows the list again.
  async ask() {
    this.clock.clearTimeout(this.timer);
    const wanted = this.field.value.trim();
    if (wanted === this.asked) return;
    this.asked = wanted;
    this.onAsk();
    this.show(Boolean(wanted));
    this.list.replaceChildren();
    this.end.textContent = wanted ? text("searching") : "";
    this.further.hidden = true;
    if (wanted) await this.fetch(null);
  }

  show(searching) {
    this.results.hidden = !searching;
    this.root.toggleAttribute("data-searching", searching);
  }

  async fetch(before) {
    const { asked } = this;
    this.further.hidden = true;
    try {
      const fields = new URLSearchParams({ q: asked, ...(before && { before }) });
      const answer = await getJson(`${this.url}?${fields}`);
      if (asked === this.asked) this.put(answer);
    } catch (failure) {
      if (asked !== this.asked) return;
      this.end.textContent = text(failure.code === "rate_limited" ? "search_rate_limited" : "search_failed");
      this.more = before;
      this.onFailure(failure);
    }
  }

  put({ conversations, messages, searched, more }) {
    const found = [...conversations, ...messages];
    this.list.append(...found.map((one) => this.row(one)));
    this.more = more;
    this.further.hidden = !more;
    this.showSummary(searched.since);
  }

  // Shows how many results there are, and how far back was searched.
  showSummary(since) {
    this.since = since;
    const none = this.list.children.length ? "" : `${text("search_none")} `;
    const count = this.list.children.length ? `${plural("found", this.list.children.length)} ` : none;
    const bound = since ? text("searched_since", { time: short(new Date(since)) }) : text("searched_all");
    this.end.textContent = count + bound;
  }

  // The texts of this conversation were erased: removes its results.
  forget(group) {
    const found = this.list.querySelectorAll(`a[data-group="${group}"]`);
    for (const link of found) link.closest("li").remove();
    if (found.length) this.showSummary(this.since);
  }

  row({ group, group_name: name, seq = 0, kind, sender_name: sender, created_at: at, where, parts }) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    const link = row.querySelector("a");
    link.href = this.href(group) + (seq ? `?at=${seq}#m${seq}` : "");
    Object.assign(link.dataset, { group, seq });
    row.querySelector(".result-name").textContent = name;
    showTime(row.querySelector("time"), at);
    const note = kind === "note" ? `${text("note_short")} · ` : "";
    const line = row.querySelector(".result-text");
    line.append(note, sender ? before(sender) : "", has(`where_${where}`) ? before(text(`where_${where}`)) : "");
    for (const { text: words, hit } of parts) {
      const piece = hit ? document.createElement("mark") : document.createTextNode("");
      piece.textContent = words;
      line.append(piece);
    }
    return row;
  }
}

// Shows the time in the reader's zone; a result that was found by name has none.
function showTime(time, at) {
  if (!at) return;
  time.dateTime = at;
  time.textContent = short(new Date(at));
  time.title = full(new Date(at));
}

// A name or a word before the text that it is about, with its colon.
const before = (name) => text("by_other", { name, text: "" });
