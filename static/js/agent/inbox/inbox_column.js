// The inbox column: the list, the views above it, the search, and the part of the address that
// selects among them.

import { getJson, postForm } from "../../connection/http.js";
import { Inbox } from "./inbox.js";
import { layers } from "../layers.js";
import { Selection } from "./selection.js";
import { Views } from "./views.js";
import { plural } from "../../shared/text.js";

// The facts that change the counts of the views.
const COUNTED = ["open", "claimed_by", "waiting_since", "mentioned", "snoozed_until", "quarantined"];

export class InboxColumn {
  // root: the inbox. page: the body's data. href(group): a conversation's address without the
  // selection. unsent: of the Inbox. onOpen(group, seq). onEmpty(empty, known): whether the list has no
  // row, and whether any conversation is known. onCounts(counts): those of the views. onFailure(failure).
  constructor({ root, template, page, me, href, unsent, onOpen, onEmpty, onCounts, onFailure }) {
    // broken: events may be lost since the list was complete.
    Object.assign(this, { page, me, href, home: page.workspace, onEmpty, onFailure, broken: false });
    this.chosen = Selection.fromQuery(location.search, page.chosen);
    this.fresh = root.querySelector(".fresh");
    this.fresh.addEventListener("click", ({ detail }) => {
      const first = this.inbox.toFresh();
      // By keyboard the focus moves along; a click by pointer has a detail.
      if (!detail) first?.focus({ preventScroll: true });
    });
    this.inbox = new Inbox({
      list: root.querySelector(".rows"),
      template,
      me,
      usual: page.usualTeam,
      chosen: this.chosen,
      href: (group) => href(group) + this.chosen.query,
      unsent,
      onOpen,
      onMore: (before) => this.ask({ ...this.chosen.fields, before, limit: 100 }),
      onUnknown: async (groups) => (await this.ask(groups.map((group) => ["group", group]))).groups,
      onChange: () => this.showEmpty(),
      onFresh: (n) => this.showFresh(n),
    });
    // Not before the page connects: a browser's first format of a time takes long.
    requestAnimationFrame(() => this.inbox.refreshTimes());
    this.inbox.current(page.group || null);
    this.views = new Views({
      root,
      onChoose: (to) => this.go(to),
      onCounts,
      load: () => getJson(page.counts),
    });
    root.querySelector(".later")?.remove();
    this.search = null;
    const form = root.querySelector(".search");
    this.words = form.elements.q;
    const onAsk = () => history.replaceState(null, "", location.pathname + this.query);
    this.searched = async () => {
      const { Search } = await import("./search.js");
      return (this.search ??= new Search({ root, url: page.search, href, onAsk, onOpen, onFailure }));
    };
    form.addEventListener("focusin", this.searched, { once: true });
    // Letters of an unfinished composition are not searched for, also while the script is loaded.
    const typed = async () => (await this.searched()).later();
    form.addEventListener("input", ({ isComposing }) => isComposing || typed());
    form.addEventListener("compositionend", typed);
    // The form's own address is for pages without scripts; here the conversation stays open.
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      (await this.searched()).ask();
    });
    // An Enter that ends an input method's composition does not search. In Safari it comes after
    // the composition.
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
    });
    if (this.words.value) typed();
  }

  // The query of this window's address: the selection and the search words.
  get query() {
    return `?${new URLSearchParams({ ...this.chosen.fields, ...(this.search?.asked && { q: this.search.asked }) })}`;
  }

  // This window's address with this conversation, or with none.
  address(group) {
    return (group ? this.href(group) : this.home) + this.query;
  }

  ask(fields) {
    return getJson(`${this.page.inbox}?${new URLSearchParams(fields)}`);
  }

  // A promise of a conversation's row, listed or not.
  async rowOf(group) {
    return this.inbox.has(group) ? this.inbox.rows.get(group) : (await this.ask([["group", group]])).groups[0];
  }

  // The first page of the selection, for when no socket brings it.
  load() {
    return this.ask(this.chosen.fields);
  }

  // A promise of the group that has waited longest among those with a seat of this member that nobody
  // else looks after, other than `done`; null without one. chat/reading/next_waiting.py has the same rule.
  async nextWaiting(done) {
    const { groups } = await this.ask({ view: "waiting", limit: 100 });
    const free = ({ group, seated, claimed_by: holder }) => group !== done && seated && (!holder || holder === this.inbox.me);
    return groups.find(free)?.group ?? null;
  }

  // The agent selects something else: the address changes, the conversation stays open.
  go(to) {
    const chosen = Selection.fromQuery(new URL(to).search);
    layers.enter(() => location.pathname + chosen.query, false);
    this.seek("");
    this.choose(chosen);
    // The workspace opens on it from now on.
    if (!chosen.tag) postForm(this.page.keep, chosen.fields).catch(this.onFailure);
  }

  // The browser went back or forward.
  follow() {
    const chosen = Selection.fromQuery(location.search, this.page.chosen);
    this.seek(new URLSearchParams(location.search).get("q")?.trim() ?? "");
    if (chosen.query !== this.chosen.query) this.choose(chosen);
  }

  // Searches for these words, or with none ends the search.
  async seek(words) {
    if (words === (this.search?.asked ?? "")) return;
    this.words.value = words;
    (await this.searched()).ask();
  }

  async choose(chosen) {
    this.chosen = chosen;
    this.inbox.choose(chosen);
    this.views.choose(chosen);
    try {
      const answer = await this.load();
      if (this.chosen !== chosen) return;
      this.inbox.more = answer.more;
      this.firstPage(answer);
    } catch (failure) {
      // Where it goes on is not known: the next first page reads on.
      if (this.chosen === chosen) this.broken = true;
      this.onFailure(failure);
    }
  }

  // Takes over a first page. One of another selection, as that of `hello`, only updates the rows.
  firstPage({ view, tag, team, sort, channel, groups, more, counts }) {
    if (view && this.chosen.is({ view, tag, team, sort, channel })) {
      this.inbox.firstPage(groups, more);
      if (this.broken && !this.inbox.paging) {
        this.broken = false;
        // The next first page tries again.
        this.inbox.reread(groups, more).catch(() => (this.broken = true));
      }
    } else this.inbox.fill(groups);
    this.views.show(counts);
    this.showEmpty();
  }

  // Takes over facts that an event brought.
  update(group, facts) {
    this.inbox.update(group, facts);
    if (COUNTED.some((name) => name in facts)) this.views.stale();
  }

  // The texts of this conversation were erased.
  forget(group) {
    this.search?.forget(group);
  }

  showFresh(n) {
    this.fresh.hidden = !n;
    if (n) this.fresh.querySelector("span").textContent = plural("fresh", n);
  }

  showEmpty() {
    const empty = this.inbox.empty && !this.inbox.more;
    this.onEmpty(empty, this.inbox.rows.size > 0);
  }
}
