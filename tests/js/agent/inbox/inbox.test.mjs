import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { workspaceEvents } from "../../../../static/js/agent/events.js";
import { Inbox } from "../../../../static/js/agent/inbox/inbox.js";
import { MOST, SPREAD } from "../../../../static/js/agent/inbox/reread.js";
import { VirtualList } from "../../../../static/js/agent/inbox/virtual_list.js";
import { Selection } from "../../../../static/js/agent/inbox/selection.js";
import { Timeline } from "../../../../static/js/connection/timeline.js";
import { waited, waitLevel, within } from "../../../../static/js/shared/durations.js";
import { longestLate, tagHue } from "../../../../static/js/agent/inbox/inbox_row.js";
import { Views } from "../../../../static/js/agent/inbox/views.js";
import { Clock } from "../../helpers.mjs";

const ME = "me";
const at = (second) => `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;
const row = (group, second, more = {}) => ({
  group,
  group_name: group,
  last_seq: second,
  open: true,
  claimed_by: null,
  cursor: `2026-01-01T00:00:${String(second).padStart(2, "0")}+00:00_1`,
  ...more,
});

// Only the list's rules: what a row looks like is the browser tests'.
class Undrawn {
  show() {}
  reveal() {}
}

function open(search = "", options = {}) {
  const list = Object.assign(new EventTarget(), { dataset: {}, children: [] });
  const clock = Object.assign(new Clock(), { setInterval() {} });
  const inbox = new Inbox({ list, me: ME, chosen: Selection.fromQuery(search), clock, Drawn: Undrawn, ...options });
  return { inbox, clock };
}
const shown = (inbox) => inbox.shown.map(({ group }) => group);

describe("selected rows", () => {
  it("are selected no more once they have left the list", () => {
    const { inbox } = open();
    let dropped = 0;
    inbox.onDropped = () => (dropped += 1);
    inbox.firstPage([row("a", 1), row("b", 2), row("c", 3)], null);
    inbox.pick(["a", "b", "c"], true);
    inbox.update("a", { open: false });
    assert.deepEqual([...inbox.picked], ["b", "c"]);
    inbox.remove("b");
    assert.deepEqual([...inbox.picked], ["c"]);
    inbox.update("c", { unread: 1 });
    assert.equal(dropped, 2, "a change that keeps the row in the list drops nothing");
    inbox.choose(Selection.fromQuery("?view=closed"));
    assert.deepEqual([...inbox.picked], [], "another view begins with none");
  });
});

describe("the inbox's first page", () => {
  let inbox;
  beforeEach(() => {
    inbox = open().inbox;
    inbox.firstPage([row("a", 1)], null);
  });
  const groups = () => [...inbox.rows.keys()];

  it("does not remove what was pushed after it was read", () => {
    inbox.update("b", row("b", 2));
    inbox.firstPage([row("a", 1)], null);
    assert.deepEqual(groups(), ["a", "b"]);
    inbox.firstPage([row("a", 1), row("b", 2)], null);
    inbox.firstPage([row("a", 1)], null);
    assert.deepEqual(groups(), ["a", "b"]);
  });

  it("removes what two pages running leave out, unless it is further down", () => {
    inbox.update("b", row("b", 2));
    inbox.update("old", row("old", 0));
    for (const round of [1, 2]) inbox.firstPage([row("a", 1)], `more ${round}`);
    assert.deepEqual(groups(), ["a", "old"]);
  });

  it("does not take back what a later message said", () => {
    inbox.message({ group: "a", seq: 5, kind: "message", content: "", created_at: at(5) });
    inbox.firstPage([{ ...row("a", 4), unread: 9, last: { seq: 4 } }], null);
    assert.equal(inbox.rows.get("a").last.seq, 5);
    assert.equal(inbox.rows.get("a").unread, undefined);
  });
});

it("shows what the visitor wants, not what the assistant leaves for people", () => {
  const { inbox } = open();
  inbox.firstPage([row("a", 1, { visitor: "v" })], null);
  const say = (seq, sender, more) => inbox.message({ group: "a", seq, kind: "message", sender, content: String(seq), created_at: at(seq), ...more });
  say(2, "v");
  say(3, "bot", { sender_role: "bot" });
  say(4, "bot", { sender_role: "bot", kind: "note" });
  assert.equal(inbox.rows.get("a").last.excerpt, "2");
  say(5, "alice", { kind: "note" });
  assert.equal(inbox.rows.get("a").last.excerpt, "5");
});

it("goes on saying behind a note that an answer has not arrived", () => {
  const { inbox } = open();
  inbox.firstPage([row("a", 1)], null);
  const say = (seq, kind, data) => inbox.message({ group: "a", seq, kind, data, content: "x", created_at: at(seq) });
  say(2, "message", { delivery: { state: "failed" } });
  say(3, "note");
  assert.equal(inbox.rows.get("a").last.data.delivery.state, "failed");
  say(4, "message", { delivery: { state: "sending" } });
  say(5, "note");
  assert.equal(inbox.rows.get("a").last.data, undefined);
});

describe("what the socket tells", () => {
  let cache, left, inbox, handle;
  beforeEach(() => {
    [cache, left] = [new Map(), []];
    inbox = open("?view=waiting").inbox;
    const column = { inbox, update: (...what) => inbox.update(...what) };
    const parts = { column, conversations: { cache, group: "open" }, details: { seated: false }, navigation: { leave: (group) => left.push(group) } };
    ({ handle } = workspaceEvents({ ...parts, me: ME, page: {}, sending: {}, read() {} }));
  });

  it("of a sync takes away what the agent sat in, not what was read without a seat", () => {
    for (const [group, seated] of [["lost", true], ["read", false]]) inbox.update(group, row(group, 1, { seated }));
    handle({ type: "synced", left: ["open", "lost", "read", "elsewhere"] });
    assert.deepEqual(left, ["lost", "elsewhere"]);
  });

  it("of deliveries marks a note only if what was said last before it did not arrive", () => {
    const messages = [[3, "message"], [8, "message"], [9, "note"]].map(([seq, kind]) => ({ seq, kind }));
    cache.set("open", { timeline: new Timeline({ messages }) });
    for (const group of ["open", "other"]) inbox.update(group, row(group, 9, { last: messages[2] }));
    const failed = (group, seq) => {
      handle({ type: "message.delivery", group, seq, delivery: { state: "failed" } });
      return inbox.rows.get(group).last.data?.delivery.state;
    };
    assert.deepEqual([failed("open", 3), failed("open", 8), failed("other", 8)], [undefined, "failed", "failed"]);
  });
});

describe("rows that were asked for", () => {
  it("do not take back what was pushed of them meanwhile", async () => {
    let answer;
    const { inbox, clock } = open("?view=waiting", {
      onMore: () => new Promise((done) => (answer = done)),
      onUnknown: async () => [row("said", 6, { waiting_since: at(1), unread: 1 })],
    });
    const { handle } = workspaceEvents({ column: { inbox, update: (...what) => inbox.update(...what) }, conversations: { cache: new Map() }, sending: {}, page: {} });
    inbox.more = "cursor";
    const paging = inbox.page();
    inbox.message({ group: "said", seq: 6, kind: "message", content: "", created_at: at(6) });
    handle({ type: "conversation", group: "taken", version: 6, waiting_since: null, claimed_by: "bob" });
    answer({ groups: ["said", "taken"].map((group) => row(group, 5, { waiting_since: at(1), unread: 0 })), more: null });
    await paging;
    await clock.pass(1000);
    const [{ last_seq, unread }, { claimed_by }] = ["said", "taken"].map((group) => inbox.rows.get(group));
    assert.deepEqual([shown(inbox), last_seq, unread, claimed_by], [["said"], 6, 1, "bob"]);
    inbox.firstPage([row("taken", 5, { waiting_since: at(1) })], null);
    assert.deepEqual(shown(inbox), ["said"], "nor does a view's own first page");
  });
});

describe("the list after a break", () => {
  const after = async (pages, meanwhile = () => {}) => {
    const asked = [];
    const onMore = async (before) => {
      asked.push(before);
      return pages[before](inbox);
    };
    const { inbox, clock } = open("", { onMore });
    inbox.firstPage([5, 4, 3, 2, 1].map((second) => row(`${second}`, second)), null);
    const first = [row("9", 9), row("8", 8)];
    inbox.firstPage(first, "8");
    const done = inbox.reread(first, "8").catch(({ message }) => message);
    meanwhile(inbox);
    // The module is loaded first.
    for (let n = 0; n < 20; n += 1) await clock.pass(SPREAD);
    return { inbox, asked, failed: await done };
  };
  const pages = {
    8: () => ({ groups: [row("7", 7), row("5", 5)], more: "5" }),
    5: () => ({ groups: [row("3", 3, { unread: 2 }), row("1", 1)], more: null }),
  };

  it("is what the server has, however far down it was known", async () => {
    const { inbox, asked } = await after(pages);
    assert.deepEqual(shown(inbox), ["9", "8", "7", "5", "3", "1"]);
    assert.deepEqual([inbox.rows.get("3").unread, inbox.more, asked, inbox.paging], [2, null, ["8", "5"], null]);
  });

  it("keeps what is told while it is asked for, and what is opened", async () => {
    const told = (inbox) => {
      inbox.newer = ({ open, ...rest }) => (rest.group === "3" ? rest : { open, ...rest });
      inbox.update("2", { unread: 1 });
      inbox.update("3", { open: false });
      inbox.current("4");
      return { groups: [row("3", 3)], more: null };
    };
    const { inbox } = await after({ ...pages, 8: told });
    assert.deepEqual(shown(inbox), ["9", "8", "4", "2"]);
  });

  it("asks for so many pages, and drops what is further down", async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [8 + n, () => ({ groups: [row("7", 7)], more: 9 + n })]));
    const { inbox, asked } = await after(many);
    assert.deepEqual([shown(inbox), asked.length, inbox.more], [["9", "8", "7"], MOST, 8 + MOST]);
  });

  it("is left to another selection that is chosen meanwhile", async () => {
    const other = (inbox) => {
      inbox.choose(Selection.fromQuery("?view=mine"));
      inbox.more = "own";
    };
    const { inbox, asked } = await after(pages, other);
    assert.deepEqual([inbox.more, asked], ["own", []]);
  });

  it("says so where no answer came, and can be asked for again", async () => {
    const { inbox, failed } = await after({ 8: () => Promise.reject(new Error("offline")) });
    assert.deepEqual([failed, inbox.paging], ["offline", null]);
  });

  it("keeps of other selections the open conversation alone", () => {
    const { inbox } = open("?view=mine");
    inbox.firstPage([row("a", 1, { claimed_by: ME })], null);
    for (const other of ["b", "c"]) inbox.update(other, row(other, 2));
    inbox.current("b");
    inbox.forgetOthers();
    assert.deepEqual([...inbox.rows.keys()], ["a", "b"]);
  });
});

describe("the list of conversations", () => {
  it("keeps the newest on top, wherever rows come from", () => {
    const { inbox } = open();
    for (const second of [3, 1, 5, 2, 4]) inbox.update(`${second}`, row(`${second}`, second));
    assert.deepEqual(shown(inbox), ["5", "4", "3", "2", "1"]);
    inbox.message({ group: "1", seq: 9, kind: "message", content: "hi", created_at: at(9) });
    inbox.message({ group: "2", seq: 10, kind: "notice", content: "", created_at: at(10) });
    assert.deepEqual(shown(inbox), ["1", "5", "4", "3", "2"]);
    inbox.remove("4");
    assert.deepEqual(shown(inbox), ["1", "5", "3", "2"]);
  });

  it("of a view lets rows in and out as they change", () => {
    const { inbox } = open("?view=unclaimed");
    inbox.firstPage([row("a", 1), row("b", 2), row("c", 3, { claimed_by: "bob" })], null);
    assert.deepEqual(shown(inbox), ["b", "a"]);
    inbox.update("b", { claimed_by: ME });
    inbox.update("c", { claimed_by: null });
    assert.deepEqual(shown(inbox), ["c", "a"]);
    inbox.update("a", { open: false });
    assert.deepEqual(shown(inbox), ["c"]);
    inbox.choose(Selection.fromQuery("?view=mine"));
    assert.deepEqual(shown(inbox), ["b"]);
    inbox.choose(Selection.fromQuery("?view=closed"));
    assert.deepEqual(shown(inbox), ["a"]);
    inbox.choose(Selection.fromQuery(""));
    assert.deepEqual(shown(inbox), ["c", "b"], "only what is open");
  });

  it("of those who wait has the longest wait first, and changes as they are answered", async () => {
    const asked = [];
    const onUnknown = async (groups) => (asked.push(...groups), groups.map((group) => row(group, 9, { waiting_since: at(2) })));
    const { inbox, clock } = open("?view=waiting", { onUnknown });
    const waits = { a: at(1), b: at(3), c: null, d: at(5) };
    for (const [group, waiting_since] of Object.entries(waits)) inbox.update(group, row(group, 10, { waiting_since }));
    assert.deepEqual(shown(inbox), ["a", "b", "d"]);
    inbox.message({ group: "d", seq: 11, kind: "message", content: "hello?", created_at: at(20) });
    assert.deepEqual(shown(inbox), ["a", "b", "d"], "more words are no longer wait");
    inbox.update("a", { waiting_since: null });
    inbox.update("c", { waiting_since: at(4) });
    assert.deepEqual(shown(inbox), ["b", "c", "d"]);
    inbox.update("b", { claimed_by: "bob" });
    inbox.update("c", { snoozed_until: "2026-01-02T00:00:00Z" });
    inbox.update("d", { open: false, waiting_since: null });
    assert.deepEqual(shown(inbox), ["b"], "a colleague's claim keeps it");
    inbox.update("x", { waiting_since: at(2) });
    inbox.update("y", { waiting_since: null });
    inbox.update("z", { claimed_by: ME });
    await clock.pass(1000);
    assert.deepEqual(asked, ["x"]);
    assert.deepEqual(shown(inbox), ["x", "b"]);
    inbox.choose(Selection.fromQuery("?view=all"));
    assert.deepEqual(shown(inbox), ["a", "b", "x"], "the newest activity first");
  });

  it("of those who wait keeps what is further down than the first page", () => {
    const { inbox } = open("?view=waiting");
    for (const second of [1, 2, 3]) inbox.update(`${second}`, row(`${second}`, 10 - second, { waiting_since: at(second) }));
    for (const round of [1, 2]) inbox.firstPage([row("2", 8, { waiting_since: at(2) })], `more ${round}`);
    assert.deepEqual(shown(inbox), ["2", "3"]);
  });

  it("leaves out what is put off until it comes back, and finds it by its tags", () => {
    const { inbox } = open();
    const until = "2026-01-02T00:00:00Z";
    inbox.firstPage([row("a", 1, { tags: ["VIP"] }), row("b", 2, { tags: [] }), row("c", 3)], null);
    inbox.update("a", { snoozed_until: until });
    assert.deepEqual(shown(inbox), ["c", "b"]);
    inbox.choose(Selection.fromQuery("?view=snoozed"));
    assert.deepEqual(shown(inbox), ["a"]);
    inbox.update("a", { snoozed_until: null, last_activity: at(9) });
    assert.deepEqual(shown(inbox), []);
    inbox.choose(Selection.fromQuery(""));
    assert.deepEqual(shown(inbox), ["a", "c", "b"]);
    inbox.choose(Selection.fromQuery("?tag=vip"));
    assert.deepEqual(shown(inbox), ["a"]);
    inbox.update("b", { tags: ["other", "ＶＩＰ"] });
    assert.deepEqual(shown(inbox), ["a", "b"]);
    assert.equal(inbox.chosen.with({ view: "mine" }).query, "?view=mine&tag=vip");
  });

  it("keeps the open conversation in its place until another one is opened", () => {
    const { inbox } = open("?view=waiting");
    const waiting = (group, second) => row(group, second, { waiting_since: at(second) });
    inbox.firstPage(["a", "b", "c", "d"].map((group, second) => waiting(group, second)), null);
    inbox.current("b");
    inbox.message({ group: "b", seq: 9, kind: "message", content: "hi", created_at: at(9), sender: ME });
    inbox.update("b", { waiting_since: null, claimed_by: ME });
    assert.deepEqual(shown(inbox), ["a", "b", "c", "d"]);
    for (const more of [null, null]) inbox.firstPage([waiting("a", 0), waiting("c", 2), waiting("new", 7)], more);
    assert.deepEqual(shown(inbox), ["a", "b", "c", "new"], "two pages leave out d, and the open one too");
    inbox.update("b", { waiting_since: at(8) });
    inbox.current("c");
    assert.deepEqual(shown(inbox), ["a", "c", "new", "b"], "it has gone where it belongs");
    inbox.current("b");
    inbox.update("b", { waiting_since: null });
    inbox.current(null);
    assert.deepEqual(shown(inbox), ["a", "c", "new"]);
  });

  it("lets go of the open conversation with the view, unless it belongs to the next one, too", () => {
    const { inbox } = open("?view=mine");
    inbox.firstPage([row("a", 1, { claimed_by: ME }), row("b", 2, { claimed_by: ME })], null);
    inbox.current("a");
    inbox.update("a", { claimed_by: null });
    assert.deepEqual(shown(inbox), ["b", "a"]);
    inbox.choose(Selection.fromQuery("?view=all"));
    inbox.message({ group: "a", seq: 9, kind: "message", content: "hi", created_at: at(9), sender: ME });
    assert.deepEqual(shown(inbox), ["b", "a"]);
    inbox.choose(Selection.fromQuery("?view=mine"));
    assert.deepEqual(shown(inbox), ["b"]);
    inbox.remove("b");
    inbox.choose(Selection.fromQuery("?view=all"));
    inbox.remove("a");
    assert.deepEqual(shown(inbox), [], "one that the agent has left for good is not kept");
  });

  it("counts what others bring in above the rows that are seen", () => {
    const told = [];
    const { inbox } = open("?view=all", { onFresh: (n) => told.push(n) });
    inbox.firstPage(["a", "b", "c"].map((group, second) => row(group, second)), null);
    inbox.countFresh(0);
    const say = (group, second, sender) =>
      inbox.message({ group, seq: second, kind: "message", content: "", created_at: at(second), sender });
    say("a", 5, ME);
    inbox.countFresh(1);
    say("b", 6, "visitor");
    inbox.update("new", row("new", 7));
    inbox.countFresh(3);
    say("b", 8, "visitor");
    inbox.countFresh(3);
    inbox.remove("new");
    inbox.countFresh(3);
    inbox.countFresh(0);
    assert.deepEqual(told, [0, 0, 2, 2, 1, 0]);
  });

  it("asks once for rows that it needs and does not have", async () => {
    const asked = [];
    const onUnknown = async (groups) => (asked.push(groups), groups.map((group) => row(group, 7, { claimed_by: ME })));
    const { inbox, clock } = open("?view=mine", { onUnknown });
    inbox.update("x", { claimed_by: "bob" });
    inbox.update("y", { claimed_by: ME });
    inbox.message({ group: "z", seq: 7, kind: "message", content: "", created_at: at(7) });
    await clock.pass(1000);
    assert.deepEqual(asked, [["y", "z"]]);
    assert.deepEqual(shown(inbox), ["y", "z"]);
  });

  it("asks for its next page once, and not for that of an earlier view", async () => {
    let answer;
    const onMore = () => new Promise((resolve) => (answer = resolve));
    const { inbox } = open("", { onMore });
    inbox.more = "cursor";
    const first = inbox.page();
    inbox.page();
    inbox.choose(Selection.fromQuery("?view=closed"));
    answer({ groups: [row("a", 1)], more: "next" });
    await first;
    assert.deepEqual([inbox.more, shown(inbox)], [null, []]);
  });
});

describe("a selection", () => {
  it("always names its view, and knows no others", () => {
    assert.equal(Selection.fromQuery("").query, "?view=all");
    assert.equal(Selection.fromQuery("", "?view=waiting").query, "?view=waiting");
    assert.equal(Selection.fromQuery("?view=all&tag=a", "?view=waiting").query, "?view=all&tag=a");
    assert.equal(Selection.fromQuery("?view=mine&x=1").query, "?view=mine");
    assert.equal(Selection.fromQuery("?view=constructor").view, "all");
    assert.equal(Selection.fromQuery("?view=nothing").view, "all");
  });

  it("keeps a team and an order with the view that was chosen last", () => {
    const usual = "?view=waiting&team=sales&sort=target";
    assert.equal(Selection.fromQuery("", usual).query, usual);
    assert.equal(Selection.fromQuery("?tag=a", usual).query, "?view=waiting&tag=a&team=sales&sort=target");
    assert.equal(Selection.fromQuery("?view=mine", usual).query, "?view=mine");
    assert.equal(Selection.fromQuery("?view=waiting&sort=name").query, "?view=waiting");
    assert.equal(Selection.fromQuery(usual).with({ team: "", sort: "wait" }).query, "?view=waiting");
    assert.equal(new Selection({ team: "sales" }).is({ view: "all", team: "sales", sort: "wait", tag: "" }), true);
  });

  it("sorts who waits by the wait, the target or the activity, and all others by the activity", () => {
    const one = row("a", 1, { at: 5, waiting_since: at(3), due_at: at(40) });
    const other = row("b", 2, { at: 9, waiting_since: at(7), due_at: at(20) });
    const first = (fields) => (new Selection(fields).rank(one) > new Selection(fields).rank(other) ? "a" : "b");
    assert.deepEqual(["wait", "target", "activity"].map((sort) => first({ view: "waiting", sort })), ["a", "b", "b"]);
    assert.deepEqual(["wait", "target", "activity"].map((sort) => first({ view: "mine", sort })), ["b", "b", "b"]);
  });

  it("shows those of one channel, which the address keeps", () => {
    const [page, mail] = ["page", "mail"].map((channel) => Selection.fromQuery(`?view=all&channel=${channel}`));
    assert.deepEqual([page, mail].map((chosen) => chosen.matches(row("a", 1, { channel: null }), ME)), [true, false]);
    assert.equal(mail.matches(row("a", 1, { channel: "mail" }), ME), true);
    assert.equal(mail.with({ view: "closed" }).query, "?view=closed&channel=mail");
  });

  it("shows one team's conversations, and is brought what moves there", () => {
    const chosen = new Selection({ view: "all", team: "sales" });
    assert.equal(chosen.matches(row("a", 1, { team: "sales" }), ME), true);
    assert.equal(chosen.matches(row("a", 1, { team: "service" }), ME), false);
    assert.equal(chosen.brings({ team: "sales" }, ME), true);
    assert.equal(chosen.brings({ team: "service" }, ME), false);
  });

  it("shows what mentions me until I have read it, and is brought it", () => {
    const chosen = new Selection({ view: "mentioned" });
    assert.deepEqual([3, 0].map((seq) => chosen.matches(row("a", 1, { mentioned_seq: seq }), ME)), [true, false]);
    assert.deepEqual([3, 0].map((seq) => chosen.brings({ mentioned_seq: seq }, ME)), [true, false]);
  });

  it("shows what is in quarantine in its own view only, and is brought it by that", () => {
    const quarantined = row("a", 1, { quarantined: "links", waiting_since: null });
    const shows = (view, one) => new Selection({ view }).matches(one, ME);
    for (const view of ["waiting", "all", "unclaimed", "mine", "snoozed", "closed"]) assert.equal(shows(view, quarantined), false, view);
    assert.equal(shows("quarantined", quarantined), true);
    assert.equal(shows("quarantined", row("b", 1, { quarantined: null })), false);
    assert.equal(shows("all", row("b", 1, { quarantined: null })), true);
    assert.equal(new Selection({ view: "quarantined" }).brings({ quarantined: "same", open: true }, ME), true);
    assert.equal(new Selection({ view: "quarantined" }).brings({ quarantined: null, open: true }, ME), false);
  });
});

describe("drawn rows", () => {
  class Element {
    constructor(group, offsetHeight) {
      Object.assign(this, { dataset: { group }, offsetHeight, isConnected: true, style: {} });
      this.focus = () => (document.activeElement = this);
    }
    // It stands for its link, too.
    closest() {
      return this;
    }
    querySelector() {
      return this;
    }
    remove() {
      this.parent.children = this.parent.children.filter((child) => child !== this);
      this.isConnected = false;
    }
  }
  function drawn(count, { top = 0, tall = () => false, kept = () => null } = {}) {
    globalThis.document ??= { activeElement: null, documentElement: { lang: "en" } };
    const list = Object.assign(new EventTarget(), {
      ...{ children: [], scrollTop: top, clientHeight: 600, contains: (element) => list.children.includes(element) },
      insertBefore(element, next) {
        Object.assign(element, { parent: this, isConnected: true });
        this.children = this.children.filter((child) => child !== element);
        this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, element);
      },
    });
    Object.defineProperty(list, "firstElementChild", { get: () => list.children[0] ?? null });
    Object.defineProperty(list, "lastElementChild", { get: () => list.children.at(-1) ?? null });
    const items = Array.from({ length: count }, (_, at) => ({ at }));
    let ends = 0;
    const clock = new Clock();
    const rows = new VirtualList({
      list,
      element: (item) => (item.element ??= new Element(item.at, tall(item) ? 90 : 60)),
      tall,
      kept,
      onGone: () => {},
      onEnd: () => (ends += 1),
      frame: (step) => step(),
      watch: () => {},
      clock,
    });
    rows.show(items);
    return { list, items, rows, clock, ends: () => ends };
  }

  function scrollTo(list, top) {
    list.scrollTop = top;
    list.dispatchEvent(new Event("scroll"));
  }

  it("are few, whatever there is and wherever one is", () => {
    const { list, ends } = drawn(10_000);
    assert.ok(list.children.length < 60);
    assert.equal(ends(), 0);
    for (const top of [60 * 5_000, 60 * 9_990, 0]) {
      scrollTo(list, top);
      assert.ok(list.children.length < 60);
      const begin = Number.parseInt(list.children[0].style.marginBlockStart, 10) / 60;
      assert.equal(list.children[0].dataset.group, begin);
      assert.ok(begin <= top / 60 && begin + list.children.length > top / 60);
    }
    assert.ok(ends() > 0, "the end came near once");
  });

  it("may have two heights, and stand where the heights of those above them say", () => {
    const { list } = drawn(1_000, { tall: ({ at }) => at % 2 === 1 });
    scrollTo(list, 150 * 200 + 70);
    assert.equal(list.children[0].dataset.group, 401 - 15);
    assert.equal(list.children[0].style.marginBlockStart, `${193 * 150}px`);
    const missing = 1_000 - (386 + list.children.length);
    assert.equal(list.children.at(-1).style.marginBlockEnd, `${missing * 75 + (missing % 2) * 15}px`);
    assert.equal(list.scrollTop, 150 * 200 + 70);
  });

  it("stay where they are while others come in above them", () => {
    const { list, items, rows } = drawn(1_000);
    scrollTo(list, 60 * 500 + 7);
    items.unshift({ at: "new" });
    rows.show();
    assert.equal(list.scrollTop, 60 * 501 + 7);
    scrollTo(list, 0);
    items.unshift({ at: "newer" });
    rows.show();
    assert.equal(list.scrollTop, 0);
    assert.equal(list.children[0].dataset.group, "newer");
  });

  it("are followed by room, so that the kept one of a short list stays where it is", () => {
    const kept = { at: "kept" };
    const { list, items, rows } = drawn(2, { kept: () => kept });
    items.splice(1, 0, kept);
    rows.show();
    items.unshift({ at: "new" });
    rows.show();
    assert.equal(list.scrollTop, 60, "the kept one is 60 further down");
    assert.equal(list.children.at(-1).style.marginBlockEnd, `${60 + 600 - 4 * 60}px`);
    items.splice(0, 2);
    rows.show();
    assert.equal(list.scrollTop, 0, "there is nothing above it any more");
    assert.equal(list.children.at(-1).style.marginBlockEnd, "0px");
  });

  it("hand the focus on when they go: to the next, else the one before, else the first in sight", () => {
    const { list, items, rows } = drawn(100);
    list.children[2].focus();
    const leave = (...gone) => {
      for (const at of gone) items.splice(items.findIndex((item) => item.at === at), 1);
      rows.show();
      return document.activeElement.dataset.group;
    };
    assert.equal(leave(0), 2, "it stays on a row that stays");
    assert.equal(leave(2), 3);
    scrollTo(list, 60 * 88);
    assert.equal(document.activeElement.dataset.group, items[88].at);
    list.children.at(-1).focus();
    assert.equal(leave(99), 98);
  });

  it("stay where they are when the first of them goes", () => {
    const { list, items, rows } = drawn(1_000);
    scrollTo(list, 60 * 500 + 7);
    items.splice(499, 2);
    rows.show();
    assert.equal(list.scrollTop, 60 * 498 + 7, "the 501st is where it was");
  });

  it("are scrolled to when one that is out of sight is opened, and not otherwise", () => {
    const { list, items, rows } = drawn(100);
    for (const [at, top] of [[5, 0], [50, 51 * 60 - 600], [45, 51 * 60 - 600], [20, 20 * 60]]) {
      rows.reveal(items[at]);
      assert.equal(list.scrollTop, top);
    }
    rows.reveal({});
    assert.equal(list.scrollTop, 20 * 60);
    rows.toTop();
    assert.equal(list.scrollTop, 0);
  });

  it("do not move from under a mouse that is on its way, but soon after", async () => {
    const { list, items, rows, clock } = drawn(1_000);
    const move = (pointerType) => list.dispatchEvent(Object.assign(new Event("pointermove"), { pointerType }));
    const first = () => list.children[0].dataset.group;
    move("mouse");
    items.unshift({ at: "new" });
    rows.show();
    await clock.pass(700);
    move("mouse");
    await clock.pass(700);
    assert.equal(first(), 0);
    await clock.pass(200);
    assert.equal(first(), "new");
    move("touch");
    items.unshift({ at: "newer" });
    rows.show();
    assert.equal(first(), "newer");
    move("mouse");
    items.unshift({ at: "newest" });
    list.dispatchEvent(new Event("pointerleave"));
    assert.equal(first(), "newest");
  });
});

describe("the counts of the views", () => {
  it("are asked for at most once in three seconds, however much changes", async () => {
    const clock = new Clock();
    const place = {};
    globalThis.document = Object.assign(globalThis.document ?? {}, { addEventListener() {} });
    const link = { dataset: { view: "mine" }, querySelector: () => place, addEventListener() {} };
    const root = { querySelectorAll: () => [link], querySelector: () => link, addEventListener() {} };
    let asked = 0;
    const views = new Views({ root, clock, load: async () => ({ counts: { mine: (asked += 1) } }) });
    for (let round = 0; round < 100; round += 1) {
      views.stale();
      await clock.pass(100);
    }
    assert.ok(asked >= 3 && asked <= 4, `${asked}`);
    assert.equal(place.textContent, asked);
    views.show({ mine: 100 });
    assert.equal(place.textContent, "99+");
    views.show({ mine: 0 });
    assert.equal(place.textContent, "");
  });
});

describe("a wait", () => {
  it("is told in seconds first, and by the team's target", () => {
    assert.match(waited(45_999), /^45\s?s$/);
    assert.match(waited(60_000), /^1\s?m$/);
    assert.match(waited(-5_000), /^0\s?s$/, "a clock that is behind the server's");
    assert.deepEqual([60_000, 30_001, 30_000, 1, 0].map((left) => waitLevel(left, 60)), ["ok", "ok", "soon", "soon", "late"]);
  });

  it("has a target in minutes that have begun, and above an hour in hours", () => {
    assert.deepEqual([1, 60_000, 60_001, 725_000].map(within), ["1 min", "1 min", "2 min", "13 min"]);
    assert.match(within(7_300_000), /^2\s?h/);
  });

  it("is red for the three that are longest past their target, however many are", () => {
    const now = Date.parse(at(59));
    const late = [5, 1, 4, 2, 3].map((second) => row(`${second}`, second, { waiting_since: at(0), due_at: at(second + 30) }));
    const others = [
      row("early", 9, { waiting_since: at(0), due_at: "2026-01-01T00:01:30Z" }),
      row("snoozed", 9, { waiting_since: at(0), due_at: at(1), snoozed_until: at(59) }),
      row("nobody", 9, { waiting_since: null, due_at: null }),
    ];
    const groups = (rows) => [...longestLate(rows, now)].map(({ group }) => group);
    assert.deepEqual(groups([...others, ...late]), ["1", "2", "3"]);
    assert.deepEqual(groups([late[0], ...others]), ["5"]);
    assert.deepEqual(groups(others), []);
  });
});

describe("the colour of a tag", () => {
  it("is the same for each spelling, and one of eight", () => {
    assert.equal(tagHue("VIP"), tagHue("ｖｉｐ"));
    assert.deepEqual(["VIP", "保修内", "售后"].map(tagHue), [7, 0, 4]);
    for (const tag of ["", "VIP", "保修内", "😀"]) assert.ok(tagHue(tag) >= 0 && tagHue(tag) < 8);
  });
});
