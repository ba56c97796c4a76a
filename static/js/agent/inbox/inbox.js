// The rows of the inbox: those that this page knows, and those that match the selection, in its
// order. virtual_list.js draws them. The row of the open conversation keeps its place until another
// one is opened, also where it belongs elsewhere or nowhere by then.

import { countHidden, hasThird, longestLate, showRow, showTime } from "./inbox_row.js";
import { rowMotion, VirtualList } from "./virtual_list.js";
import { words } from "../../thread/words.js";

const TICK = 1000;
const TOGETHER = 200;

const moment = (cursor) => Date.parse(cursor.split("_")[0]);

// A row without the facts that come with its last message. Used where the page has a newer message
// than the row.
function factsOf({ last, last_seq, cursor, unread, ...facts }) {
  return facts;
}

export class Inbox {
  // usual: the team that rows need not name. chosen: the Selection. href(group): the address of a
  // conversation. onOpen(group): a row was chosen. onMore(cursor): the end of the list
  // is near; returns a promise of {groups, more}. onUnknown(groups): returns a promise of their
  // rows. unsent(group): whether something written there is not sent. onChange(): the list became
  // empty, or is so no more. onFresh(n): so many rows have come in above those that are seen.
  constructor({ list, template, me, usual, chosen, href, onOpen, onMore, onUnknown, unsent = () => false, onChange = () => {}, onFresh = () => {}, clock = globalThis, Drawn = VirtualList }) {
    Object.assign(this, { list, template, me, usual, chosen, href, onMore, onUnknown, unsent, onChange, onFresh, clock });
    Object.assign(this, { rows: new Map(), shown: [], opened: null, paging: null, unknown: new Set(), worst: new Set(), fresh: new Set() });
    Object.assign(this, { picked: new Set(), onDropped: () => {} });
    // What the server says of a row, with what was pushed meanwhile in place of what is older in it.
    this.newer = (row) => row;
    this.more = list.dataset.more || null;
    for (const element of list.children) {
      const { group, cursor } = element.dataset;
      const tall = "tall" in element.dataset;
      const seated = !("seatless" in element.dataset);
      const since = element.querySelector(".row-time.waiting")?.dateTime ?? null;
      const row = { group, element, tall, seated, at: moment(cursor), waiting_since: since, due_at: element.dataset.due || null };
      this.rows.set(group, row);
      this.shown.push(row);
    }
    list.addEventListener("click", (event) => clicked(event, onOpen));
    this.view = new Drawn({
      list,
      element: (row) => this.draw(row),
      tall: ({ tall }) => Boolean(tall),
      kept: () => this.rows.get(this.opened),
      motion: rowMotion,
      onGone: ({ dataset: { group } }) => this.has(group) && (this.rows.get(group).element = null),
      onEnd: () => this.page(),
      onDrawn: (first) => {
        countHidden([...list.querySelectorAll("[data-tall]")], list.clientWidth);
        if (first !== null) this.countFresh(first);
      },
    });
    this.view.show(this.shown);
    clock.setInterval(() => this.refreshTimes(), TICK);
  }

  get empty() {
    return this.shown.length === 0;
  }

  // All rows with a name, newest first, whatever is selected.
  known() {
    return [...this.rows.values()].filter(({ group }) => this.has(group)).sort((one, other) => other.at - one.at);
  }

  has(group) {
    return this.rows.get(group)?.group_name !== undefined;
  }

  // The row's element, up to date. It is created when needed and dropped once it is far away.
  draw(row) {
    if (row.element && !row.changed) return row.element;
    row.element ??= this.template.content.firstElementChild.cloneNode(true);
    row.changed = false;
    const { me, usual, worst, picked } = this;
    const { group } = row;
    const current = group === this.opened;
    const unsent = !current && this.unsent(group);
    showRow(row.element, row, { me, usual, unsent, link: this.href(group), current, worst: worst.has(row), picked: picked.has(group) });
    return row.element;
  }

  // Shows another selection: the known rows at once, the others as their pages arrive.
  choose(chosen) {
    this.chosen = chosen;
    this.more = null;
    // Rows of which only the server-rendered element is known are dropped.
    for (const row of [...this.rows.values()]) if (!this.has(row.group)) this.rows.delete(row.group);
    for (const row of this.rows.values()) row.changed = true;
    this.drop([...this.picked]);
    this.pin(null);
    this.shown = [...this.rows.values()].filter((row) => this.wanted(row)).sort((a, b) => this.rank(b) - this.rank(a));
    this.pin(this.opened);
    this.list.scrollTop = 0;
    this.view.show(this.shown);
    this.onChange();
  }

  wanted(row) {
    return row === this.pinned?.row || row.group_name === undefined || this.chosen.matches(row, this.me);
  }

  rank(row) {
    return row === this.pinned?.row ? this.pinned.rank : this.chosen.rank(row);
  }

  // Has the row of this conversation, if it is in the list, keep its place, and no other one.
  pin(group) {
    this.pinned = null;
    const row = this.rows.get(group);
    if (this.shown.includes(row)) this.pinned = { row, rank: this.rank(row) };
  }

  // Takes over the server's first page. It may be older than what was pushed meanwhile, so a row is
  // removed only when two pages in a row lack it and nothing was pushed of it between them. Nothing
  // is ever pushed of one without a seat.
  firstPage(rows, more) {
    const listed = new Set(rows.map((row) => row.group));
    this.fill(rows);
    const end = this.endOf(rows, more);
    for (const row of [...this.shown]) {
      if (listed.has(row.group) || row === this.pinned?.row || this.rank(row) < end) continue;
      if (row.absent || row.seated === false) this.remove(row.group);
      else row.absent = true;
    }
  }

  // The rank down to which a page tells of all rows.
  endOf(rows, more) {
    const last = rows[rows.length - 1];
    return more && last ? this.rank({ ...last, at: moment(last.cursor) }) : -Infinity;
  }

  // Forgets the rows of other selections. They are asked for when one is chosen.
  forgetOthers() {
    const listed = new Set([...this.shown, this.rows.get(this.opened)]);
    for (const row of this.known()) if (!listed.has(row)) this.rows.delete(row.group);
  }

  // What the socket told may be lost: the first page was taken over, and the others are asked for.
  // A promise that they have come.
  reread(rows, more) {
    const { chosen } = this;
    this.paging = import("./reread.js")
      .then(({ reread }) => reread(this, chosen, rows, more))
      .finally(() => {
        this.paging = null;
        this.view.show();
      });
    return this.paging;
  }

  // Takes over rows that were asked for.
  fill(rows) {
    for (const row of rows) this.update(row.group, this.newer(row));
  }

  // The same for rows that are not in the list. What was pushed of one meanwhile is newer, also how
  // much of it is unread.
  add(rows) {
    this.fill(rows.filter(({ group, last_seq }) => !(this.rows.get(group)?.last_seq >= last_seq)));
  }

  // Takes over changed facts of a conversation, or a whole row. An unknown conversation that these
  // facts may bring into the list is fetched.
  update(group, facts) {
    const row = this.rows.get(group) ?? { group };
    if (!this.rows.has(group) && facts.group_name === undefined) {
      if (this.chosen.brings(facts, this.me)) this.want(group);
      return;
    }
    if (facts.last_seq < row.last_seq) facts = factsOf(facts);
    Object.assign(row, facts, { absent: false, changed: true });
    if (facts.cursor) row.at = moment(facts.cursor);
    // A conversation whose snooze ended moves to the top.
    if (facts.last_activity) row.at = Date.parse(facts.last_activity);
    if (facts.topic !== undefined || facts.tags || facts.team) row.tall = hasThird(row, this.usual);
    this.rows.set(group, row);
    this.place(row);
  }

  // A stored message is the row's newest activity. Notices are none.
  message(message) {
    const row = this.rows.get(message.group);
    if (!this.has(message.group)) this.want(message.group);
    if (!row) return;
    row.absent = false;
    row.last_seq = Math.max(row.last_seq ?? 0, message.seq);
    if (message.kind === "notice" || message.seq < (row.last?.seq ?? 0)) return;
    // An own message comes twice: as it was stored, and as others have it.
    if (message.seq === row.last?.seq && !message.formatted) return;
    if (row.last?.sender === row.visitor) row.said = row.last;
    // What a program leaves for people does not hide what the visitor wants.
    const left = message.kind === "note" && message.sender_role === "bot" && row.said;
    // A note says nothing to the visitor: what did not reach them has still not.
    const { delivery } = row.last?.data ?? {};
    const data = message.kind === "note" && delivery?.state === "failed" ? { ...message.data, delivery } : message.data;
    row.last = left || { ...message, data, excerpt: words(message).slice(0, 80).replace(/\s+/g, " ") };
    row.at = Date.parse(message.created_at);
    row.changed = true;
    if (message.sender !== this.me) this.fresh.add(row);
    this.place(row);
  }

  // Moves a row to its place in the list, or removes it.
  place(row) {
    const at = this.shown.indexOf(row);
    const wanted = this.wanted(row);
    const rank = this.rank(row);
    const [above, below] = [this.shown[at - 1], this.shown[at + 1]];
    const stays = at >= 0 && wanted && !(above && this.rank(above) < rank) && !(below && this.rank(below) > rank);
    if (!stays) {
      if (at >= 0) this.shown.splice(at, 1);
      if (!wanted) this.drop([row.group]);
      if (wanted) this.shown.splice(this.position(rank), 0, row);
      if (wanted && at < 0) this.fresh.add(row);
      if (row.group === this.opened) this.pin(row.group);
      this.onChange();
    }
    this.view.show();
  }

  // Keeps those of the fresh rows that are above the first one that is seen.
  countFresh(first) {
    if (this.fresh.size) {
      const above = new Set(this.shown.slice(0, first));
      for (const row of this.fresh) if (!above.has(row)) this.fresh.delete(row);
    }
    this.onFresh(this.fresh.size);
  }

  // Shows the fresh rows. Returns the link of the first one.
  toFresh() {
    this.view.toTop();
    return this.list.querySelector("a");
  }

  // The index at which a row of this rank belongs.
  position(rank) {
    let [low, high] = [0, this.shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rank(this.shown[middle]) >= rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Fetches the row of an unknown conversation, several at once.
  want(group) {
    this.unknown.add(group);
    if (this.unknown.size > 1) return;
    this.clock.setTimeout(async () => {
      const groups = [...this.unknown].slice(0, 50);
      this.unknown.clear();
      this.add(await this.onUnknown(groups).catch(() => []));
    }, TOGETHER);
  }

  visitorOf(group) {
    return this.rows.get(group)?.visitor;
  }

  remove(group) {
    const row = this.rows.get(group);
    this.rows.delete(group);
    const at = this.shown.indexOf(row);
    if (at < 0) return;
    this.shown.splice(at, 1);
    this.drop([group]);
    this.view.show();
    this.onChange();
  }

  // Selects these conversations, or no more.
  pick(groups, picked) {
    for (const group of groups) {
      if (picked) this.picked.add(group);
      else this.picked.delete(group);
      if (this.rows.has(group)) this.rows.get(group).changed = true;
    }
    this.view.show();
  }

  // What has left the list is not selected any more, as nobody would see that it is.
  drop(groups) {
    const before = this.picked.size;
    this.pick(groups, false);
    if (this.picked.size < before) this.onDropped();
  }

  refreshTimes() {
    this.worst = longestLate(this.shown);
    for (const element of this.list.children) {
      const row = this.rows.get(element.dataset.group) ?? {};
      showTime(element, row, this.worst.has(row));
    }
  }

  // Marks the open conversation.
  current(group) {
    for (const each of [this.opened, group]) if (this.rows.has(each)) this.rows.get(each).changed = true;
    if (this.opened === group) return this.view.show();
    const left = this.rows.get(this.opened);
    this.opened = group;
    this.pin(group);
    if (left) this.place(left);
    else this.view.show();
    if (group) this.view.reveal(this.rows.get(group));
  }

  // A colleague was renamed: updates the rows of the conversations they hold.
  renamed(who, name) {
    for (const row of this.rows.values()) if (row.claimed_by === who) this.update(row.group, { claimed_name: name });
  }

  presence(visitor, online) {
    for (const row of this.rows.values()) if (row.visitor === visitor) this.update(row.group, { online });
  }

  async page() {
    if (!this.more || this.paging) return;
    const { chosen } = this;
    this.paging = this.onMore(this.more);
    try {
      const { groups, more } = await this.paging;
      if (this.chosen !== chosen) return;
      this.more = more;
      this.add(groups);
    } catch {
      // Scrolling further tries again.
    } finally {
      this.paging = null;
    }
  }
}

function clicked(event, onOpen) {
  // The box that selects a row (several.js).
  if (event.target.closest(".row-pick")) return;
  const row = event.target.closest(".row");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!row || !plain) return;
  event.preventDefault();
  onOpen(row.dataset.group, 0);
}
