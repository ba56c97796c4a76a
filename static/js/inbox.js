// The list of conversations: newest first, each row with what came last, unread and waiting.

import { showDot, showFace } from "./avatar.js";
import { noticeText } from "./message.js";
import { text } from "./text.js";
import { duration, short } from "./time.js";

const REFRESH = 30_000;

// Of a row that was read before the last message here: all but what that message changed.
function factsOf({ last, last_seq, cursor, unread, ...facts }) {
  return facts;
}

export class Inbox {
  // href(group): the address of its page. onOpen(group): a row was chosen. onMore(cursor): the
  // end of the list is near; a promise of {groups, more}.
  constructor({ list, template, me, href, onOpen, onMore, clock = globalThis }) {
    Object.assign(this, { list, template, me, href, onOpen, onMore, paging: false });
    this.rows = new Map();
    this.more = list.dataset.more || null;
    for (const element of list.children) this.rows.set(element.dataset.group, { element, group: element.dataset.group });
    list.addEventListener("click", (event) => this.clicked(event));
    list.addEventListener("scroll", () => this.page(), { passive: true });
    clock.setInterval(() => this.refreshTimes(), REFRESH);
  }

  clicked(event) {
    const row = event.target.closest(".row");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!row || !plain) return;
    event.preventDefault();
    this.onOpen(row.dataset.group);
  }

  has(group) {
    return this.rows.get(group)?.group_name !== undefined;
  }

  // The server's first page, which may have been read before what was pushed meanwhile: only a row
  // that two pages running leave out, with no push of it between them, is no longer ours.
  firstPage(rows, more) {
    const listed = new Set(rows.map((row) => row.group));
    for (const row of rows) this.update(row.group, row, false);
    const last = rows.at(-1);
    const end = more && last ? Date.parse(last.cursor.split("_")[0]) : -Infinity;
    for (const row of [...this.rows.values()]) {
      if (listed.has(row.group) || this.order(row) < end) continue;
      if (row.absent) this.remove(row.group);
      else row.absent = true;
    }
    this.sort();
  }

  // Changed facts of one conversation; a whole row where it is new.
  update(group, facts, sorted = true) {
    const row = this.rows.get(group) ?? { group, element: this.template.content.firstElementChild.cloneNode(true) };
    const fresh = !this.rows.has(group);
    if (fresh && facts.group_name === undefined) return;
    if (facts.last_seq < row.last_seq) facts = factsOf(facts);
    Object.assign(row, facts, { absent: false });
    if (facts.cursor) row.at = Date.parse(facts.cursor.split("_")[0]);
    this.rows.set(group, row);
    this.show(row);
    if (fresh) this.list.append(row.element);
    if (sorted && (fresh || facts.cursor)) this.sort();
  }

  // A message that was just stored moves its row to the top. Notices move nothing.
  message(message) {
    const row = this.rows.get(message.group);
    if (!row) return;
    row.absent = false;
    row.last_seq = Math.max(row.last_seq ?? 0, message.seq);
    if (message.kind === "notice" || message.seq <= (row.last?.seq ?? 0)) return;
    row.last = { ...message, excerpt: message.content.slice(0, 100).replace(/\s+/g, " ") };
    row.at = Date.parse(message.created_at);
    this.show(row);
    this.sort();
  }

  visitorOf(group) {
    return this.rows.get(group)?.visitor;
  }

  remove(group) {
    this.rows.get(group)?.element.remove();
    this.rows.delete(group);
  }

  order(row) {
    return row?.at ?? -Infinity;
  }

  sort() {
    const known = [...this.rows.values()].sort((a, b) => this.order(b) - this.order(a));
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    known.forEach(({ element }, at) => {
      if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null);
    });
    if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  show(row) {
    const { element } = row;
    element.dataset.group = row.group;
    element.dataset.unread = row.unread ?? 0;
    if (row.group_name !== undefined) {
      element.querySelector("a").href = this.href(row.group);
      element.querySelector(".row-name").textContent = row.group_name;
      showFace(element, { uuid: row.visitor, name: row.group_name });
    }
    if (row.last) element.querySelector(".row-last").textContent = this.lastLine(row);
    if (row.online !== undefined) {
      showDot(element, row.online);
      element.querySelector(".row-presence").textContent = text(row.online ? "online" : "offline");
    }
    if (row.open !== undefined) {
      element.toggleAttribute("data-closed", !row.open);
      const claim = element.querySelector(".row-claim");
      claim.hidden = row.open && !row.claimed_by;
      claim.textContent = row.open ? (row.claimed_by === this.me ? text("claim_you") : (row.claimed_name ?? "")) : text("closed");
    }
    const pill = element.querySelector(".row-unread");
    pill.hidden = !row.unread;
    pill.firstElementChild.textContent = row.unread > 99 ? "99+" : (row.unread ?? "");
    this.showTime(row);
  }

  lastLine({ last, visitor }) {
    if (last.kind === "notice") return noticeText(last);
    let line = last.excerpt;
    if (last.sender === this.me) line = text("by_you", { text: line });
    else if (last.sender !== visitor) line = text("by_other", { name: last.sender_name, text: line });
    return last.kind === "note" ? text("note", { text: line }) : line;
  }

  showTime({ element, waiting_since: since, last, group_name: known }) {
    const time = element.querySelector(".row-time");
    if (known !== undefined) time.dateTime = since ?? last?.created_at ?? "";
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) {
      time.textContent = "";
      return;
    }
    if (known !== undefined) time.classList.toggle("waiting", Boolean(since));
    time.textContent = time.classList.contains("waiting")
      ? text("waiting", { time: duration(Date.now() - date) })
      : short(date);
  }

  refreshTimes() {
    for (const row of this.rows.values()) this.showTime(row);
  }

  current(group) {
    this.list.querySelector('[aria-current="page"]')?.removeAttribute("aria-current");
    this.rows.get(group)?.element.querySelector("a").setAttribute("aria-current", "page");
  }

  // A colleague has another name: on the rows of what they hold.
  renamed(who, name) {
    for (const row of this.rows.values()) if (row.claimed_by === who) this.update(row.group, { claimed_name: name });
  }

  presence(visitor, online) {
    for (const row of this.rows.values()) if (row.visitor === visitor) this.update(row.group, { online });
  }

  async page() {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    if (!this.more || this.paging || scrollHeight - scrollTop - clientHeight > 300) return;
    this.paging = true;
    try {
      const { groups, more } = await this.onMore(this.more);
      for (const row of groups) this.update(row.group, row, false);
      this.sort();
      this.more = more;
    } finally {
      this.paging = false;
    }
  }
}
