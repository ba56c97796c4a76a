import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isQuiet, kindOf, waysOf } from "../../../../static/js/agent/alerts/alert_rules.js";
import { Alerts, Notices } from "../../../../static/js/agent/alerts/alerts.js";
import { Away } from "../../../../static/js/agent/away.js";
import { Chime } from "../../../../static/js/shared/chime.js";
import { AlertFeed } from "../../../../static/js/agent/alerts/alert_feed.js";
import { openStore } from "../../../../static/js/connection/outbox.js";
import { load } from "../../../../static/js/shared/text.js";
import { Windows } from "../../../../static/js/shared/windows.js";
import { Clock, settled, Storage } from "../../helpers.mjs";

const ME = "me";
const at = (hour, minute = 0) => new Date(2026, 10, 25, hour, minute);
const said = (more) => ({ group: "g", seq: 5, kind: "message", sender: "v", content: "hello", created_at: "2026-11-25T10:00:05Z", ...more });

describe("the kind of an alert", () => {
  const row = (claimed_by) => ({ visitor: "v", claimed_by, waiting_since: "2026-11-25T10:00:00Z" });
  const notice = (data) => ({ kind: "notice", sender: "", data });

  for (const [name, message, holder, kind] of [
    ["a visitor whom nobody holds waits", said(), null, "unclaimed"],
    ["a visitor of mine", said(), ME, "mine"],
    ["a visitor of a colleague's", said(), "bob", "others"],
    ["a colleague in a conversation of mine", said({ sender: "bob" }), ME, "mine"],
    ["a colleague's answer to one whom nobody holds", said({ sender: "bob" }), null, "others"],
    ["a note that calls me, whoever holds it", said({ sender: "bob", kind: "note", mentions: ["carol", ME] }), "bob", "mention"],
    ["a note that calls somebody else", said({ sender: "bob", kind: "note", mentions: ["carol"] }), "bob", "others"],
    ["my own message", said({ sender: ME }), ME, null],
    ["handed on to me", notice({ event: "transferred", member: ME, by: "bob" }), ME, "mine"],
    ["handed on to somebody else", notice({ event: "transferred", member: "carol", by: "bob" }), "carol", null],
    ["what I handed on", notice({ event: "moved", by: ME }), null, null],
    ["brought back by its visitor", notice({ event: "back", why: "visitor" }), null, null],
    ["come from another team", notice({ event: "moved", by: "bob" }), null, "unclaimed"],
    ["free again, its holder is gone", notice({ event: "expired", member: "bob" }), null, "unclaimed"],
    ["free again, its holder is offline", notice({ event: "expired", member: "bob", why: "offline" }), null, "unclaimed"],
    ["assigned to me", notice({ event: "assigned", member: ME }), ME, "mine"],
    ["assigned to a colleague", notice({ event: "assigned", member: "bob" }), "bob", null],
    ["another team's, whom I help", notice({ event: "overflowed", members: [ME] }), null, "unclaimed"],
    ["another team's, whom others help", notice({ event: "overflowed", members: ["bob"] }), null, null],
    ["without an answer, and I lead", notice({ event: "overdue", leaders: [ME] }), null, "mention"],
    ["without an answer, and others lead", notice({ event: "overdue", leaders: ["bob"] }), null, null],
    ["back from its snooze", notice({ event: "back" }), ME, "mine"],
    ["back, and a colleague's", notice({ event: "back" }), "bob", null],
    ["a quick question", said({ question: 3 }), null, null],
    ["its answer, which nobody sent, also where I hold the claim", said({ sender: "", automatic: true }), ME, null],
    ["a claim", notice({ event: "claimed", member: "bob" }), "bob", null],
  ]) {
    it(`${name}: ${kind}`, () => assert.equal(kindOf(message, row(holder), ME), kind));
  }

  it("is a matter of others while a bot answers, and of everybody once people have it", () => {
    const answered = { ...row(null), bot: "r", waiting_since: null };
    assert.equal(kindOf(said(), answered, ME), "others");
    assert.equal(kindOf(said({ sender: "r", sender_role: "bot" }), answered, ME), "others");
    assert.equal(kindOf(notice({ event: "handed_over", why: "visitor" }), row(null), ME), "unclaimed");
  });

  it("is nobody's business where nobody waits", () => {
    assert.equal(kindOf(notice({ event: "expired", member: "bob" }), { ...row(null), waiting_since: null }, ME), null);
  });
});

describe("quiet hours", () => {
  const night = { from: "22:00", to: "07:30" };
  const noon = { from: "12:00", to: "13:00" };
  for (const [quiet, moment, still] of [
    [night, at(21, 59), false], [night, at(22), true], [night, at(0), true], [night, at(7, 29), true], [night, at(7, 30), false],
    [noon, at(11, 59), false], [noon, at(12), true], [noon, at(13), false], [null, at(3), false],
  ]) {
    it(`${JSON.stringify(quiet)} at ${moment.toTimeString().slice(0, 5)}: ${still}`, () => assert.equal(isQuiet(quiet, moment), still));
  }

  const chosen = { sound: ["mine"], desktop: ["mine", "unclaimed"], quiet: night };
  it("keep sound and notification back, not the dot", () => {
    assert.deepEqual(waysOf("mine", chosen, at(23)), { sound: false, desktop: false, dot: true });
    assert.deepEqual(waysOf("mine", chosen, at(9)), { sound: true, desktop: true, dot: true });
    assert.deepEqual(waysOf("unclaimed", chosen, at(9)), { sound: false, desktop: true, dot: true });
  });
  it("let a mention through without noise, and nothing else mutes it", () => {
    assert.deepEqual(waysOf("mention", chosen, at(23)), { sound: false, desktop: true, dot: true });
    assert.deepEqual(waysOf("mention", { sound: [], desktop: [], quiet: null }, at(9)), { sound: true, desktop: true, dot: true });
  });
  it("are not needed for what was not chosen", () => assert.deepEqual(waysOf("others", chosen, at(9)), { sound: false, desktop: false, dot: false }));
});

describe("what comes in", () => {
  const listen = () => {
    const heard = [];
    const feed = new AlertFeed({ me: ME, onMessage: (message) => heard.push(message), onChoices() {} });
    return { feed, heard, seqs: () => heard.map(({ group, seq }) => `${group}${seq}`) };
  };
  const row = (group, seq, second, more) => {
    const last = { seq, kind: "message", sender: "v", excerpt: `text ${seq}`, created_at: `2026-11-25T10:00:${second}Z` };
    return { group, unread: 1, mentioned: 0, last, ...more };
  };

  it("is each pushed message of others", () => {
    const { feed, heard } = listen();
    feed.handle({ type: "message.posted", message: said() });
    feed.handle({ type: "message.posted", message: said({ seq: 6, sender: ME }) });
    feed.handle({ type: "unread", group: "g", unread: 1 });
    assert.deepEqual(heard, [said()]);
  });

  it("is nothing of the first page, and of later ones what is newer than all before", () => {
    const { feed, heard, seqs } = listen();
    feed.handle({ type: "hello", groups: [row("a", 3, "01"), row("b", 2, "00")] });
    assert.deepEqual(heard, []);
    feed.handle({ type: "message.posted", message: said({ group: "a", seq: 4, created_at: "2026-11-25T10:00:05.5Z" }) });
    feed.handle({ type: "inbox", groups: [row("a", 4, "05.500000"), row("b", 2, "00"), row("c", 1, "07"), row("d", 9, "08", { unread: 0 })] });
    assert.deepEqual(seqs(), ["a4", "c1"]);
    assert.equal(heard[1].content, "text 1");
    feed.handle({ type: "inbox", groups: [row("c", 1, "07"), row("e", 1, "06"), { group: "f", last: null }] });
    assert.deepEqual(seqs(), ["a4", "c1"]);
  });

  it("knows a mention whose push was lost", () => {
    const { feed, heard } = listen();
    feed.handle({ type: "hello", groups: [] });
    feed.handle({ type: "hello", groups: [row("a", 4, "05", { mentioned: 4 }), row("b", 7, "06", { mentioned: 3 })] });
    assert.deepEqual(heard.map(({ mentions }) => mentions), [[ME], []]);
  });
});

// A browser with windows that share a store, and locks that are held for a while.
function browser(rows, { chosen = { sound: ["unclaimed", "mine"], desktop: ["unclaimed", "mine"], quiet: null }, hour = 12 } = {}) {
  const clock = new Clock(at(hour).getTime());
  const store = openStore(new Storage());
  let queue = Promise.resolve();
  const locks = {
    request(_name, step) {
      queue = queue.then(settled).then(step);
      return queue;
    },
  };
  const open = ({ looksAt = null, able = true, unlocks = true } = {}) => {
    const log = [];
    const window = {
      looksAt,
      log,
      alerts: new Alerts({
        me: ME,
        rowOf: async (group) => rows[group] ?? assert.fail("not known"),
        choices: async () => chosen,
        looking: (group) => window.looksAt !== null && (group === undefined || window.looksAt === group),
        windows: new Windows({ store, key: "alerted", locks }),
        chime: { ready: able, play: (kind) => able && log.push(`sound ${kind}`) > 0, unlock: async () => unlocks },
        icon: { dot: (shown) => log.push(shown ? "dot" : "no dot") },
        notices: { show: ({ group }, kind) => log.push(`notice ${kind} ${group}`), clear() {} },
        hint: {
          show(shown) {
            window.hinted = shown;
            if (shown) log.push("blocked");
          },
        },
        clock,
        random: () => 0.5,
      }),
    };
    return window;
  };
  const hear = async (windows, message, wait = 2000) => {
    for (const { alerts } of windows) alerts.alert(message);
    await settled();
    await clock.pass(wait);
    for (let turn = 0; turn < 20; turn += 1) await settled();
  };
  return { open, hear, clock };
}

const ROWS = {
  g: { visitor: "v", claimed_by: null, group_name: "Guest" },
  mine: { visitor: "v", claimed_by: ME, group_name: "Mine" },
  bobs: { visitor: "v", claimed_by: "bob", group_name: "Bob's" },
};

describe("several windows", () => {
  it("alert once, and all that nobody looks at have the dot", async () => {
    const { open, hear } = browser(ROWS);
    const windows = [open(), open(), open()];
    await hear(windows, said());
    assert.equal(windows.flatMap(({ log }) => log).filter((line) => line.startsWith("sound")).length, 1);
    assert.equal(windows.flatMap(({ log }) => log).filter((line) => line.startsWith("notice")).length, 1);
    assert.deepEqual(windows.map(({ log }) => log.includes("dot")), [true, true, true]);
  });

  it("keep still while one of them looks at the conversation", async () => {
    const { open, hear } = browser(ROWS);
    const windows = [open(), open({ looksAt: "g" }), open()];
    await hear(windows, said());
    assert.deepEqual(windows.flatMap(({ log }) => log), []);
  });

  it("let the one speak in which somebody works: a sound, and no notification over its page", async () => {
    const { open, hear } = browser(ROWS);
    const windows = [open(), open({ looksAt: "mine" })];
    await hear(windows, said());
    assert.deepEqual(windows.map(({ log }) => log), [["dot"], ["sound unclaimed"]]);
  });

  it("let the one speak that may sound", async () => {
    const { open, hear } = browser(ROWS);
    const windows = [open({ able: false }), open()];
    await hear(windows, said());
    assert.deepEqual(windows.map(({ log }) => log), [["dot"], ["dot", "sound unclaimed", "notice unclaimed g"]]);
  });

  it("say that the browser keeps them silent", async () => {
    const { open, hear } = browser(ROWS);
    const window = open({ able: false });
    await hear([window], said());
    assert.deepEqual(window.log, ["dot", "blocked", "notice unclaimed g"]);
  });

  it("says so until the next touch, which may bring no sound", async () => {
    const { open, hear } = browser(ROWS);
    const window = open({ able: false, unlocks: false });
    await hear([window], said());
    assert.equal(window.hinted, true);
    await window.alerts.touched();
    assert.equal(window.hinted, false);
  });

  it("do not alert again when one hears of it late", async () => {
    const { open, hear } = browser(ROWS);
    const [early, late] = [open(), open()];
    await hear([early], said());
    await hear([early, late], said());
    assert.deepEqual(late.log, ["dot"]);
    assert.equal(early.log.filter((line) => line.startsWith("notice")).length, 1);
  });

  it("keep still when the conversation is opened in the moment before", async () => {
    const { open, hear, clock } = browser(ROWS);
    const window = open();
    window.alerts.alert(said());
    await settled();
    await clock.pass(100);
    window.looksAt = "g";
    await hear([], said());
    assert.deepEqual(window.log, []);
  });
});

describe("an alert", () => {
  it("is none for the others after a claim, unless they want it", async () => {
    const { open, hear } = browser(ROWS);
    const window = open();
    await hear([window], said({ group: "bobs" }));
    assert.deepEqual(window.log, []);
    window.alerts.choose({ sound: [], desktop: ["others"], quiet: null });
    await hear([window], said({ group: "bobs", seq: 6 }));
    assert.deepEqual(window.log, ["dot", "notice others bobs"]);
  });

  it("sounds once for many messages at a time", async () => {
    const { open, hear } = browser(ROWS);
    const window = open();
    for (const seq of [5, 6, 7]) window.alerts.alert(said({ group: "mine", seq }));
    await hear([], null);
    assert.deepEqual(window.log.filter((line) => line.startsWith("sound")), ["sound mine"]);
    await hear([window], said({ group: "mine", seq: 8 }));
    assert.equal(window.log.filter((line) => line.startsWith("sound")).length, 2);
  });

  it("comes as usual while the choice cannot be had, and asks again", async () => {
    const { open, hear } = browser(ROWS);
    const window = open();
    let asked = 0;
    window.alerts.choices = async () => assert.fail(`offline ${(asked += 1)}`);
    await hear([window], said());
    await hear([window], said({ seq: 6 }));
    assert.equal(asked, 2);
    assert.equal(window.log.filter((line) => line === "notice unclaimed g").length, 2);
  });

  it("does not take an old answer for the choice that was told meanwhile", async () => {
    const { open, hear } = browser(ROWS);
    const window = open();
    const answer = Promise.withResolvers?.() ?? {};
    if (!answer.promise) answer.promise = new Promise((done) => (answer.resolve = done));
    window.alerts.choices = () => answer.promise;
    window.alerts.alert(said());
    await settled();
    window.alerts.choose({ sound: [], desktop: [], quiet: null });
    answer.resolve({ sound: ["unclaimed"], desktop: ["unclaimed"], quiet: null });
    await hear([], null);
    assert.deepEqual(window.log, []);
  });

  it("of a conversation that cannot be read is an unimportant one", async () => {
    const { open, hear } = browser({});
    const window = open();
    window.alerts.rowOf = async () => Promise.reject(new Error("offline"));
    await hear([window], said());
    assert.deepEqual(window.log, []);
    await hear([window], said({ seq: 6, kind: "note", sender: "bob", mentions: [ME] }));
    assert.deepEqual(window.log, ["dot", "sound mention", "notice mention g"]);
  });
});

describe("the memory of all windows", () => {
  it("works without locks and without a store", async () => {
    const windows = new Windows({ store: openStore(new Storage()), key: "k", locks: null });
    assert.deepEqual([await windows.first("a", "told"), await windows.first("a", "seen"), await windows.first("b", "seen")], [null, "told", null]);
    const alone = new Windows({ store: openStore(null), key: "k", locks: null });
    assert.deepEqual([await alone.first("a", "told"), await alone.first("a", "told")], [null, null]);
  });

  it("forgets what is long gone", async () => {
    const store = openStore(new Storage());
    const windows = new Windows({ store, key: "k", locks: null });
    for (let n = 0; n < 150; n += 1) await windows.first(`n${n}`, "told");
    assert.equal(store.get("k").length, 100);
    assert.equal(await windows.first("n149", "told"), "told");
  });
});

describe("a chime", () => {
  class Context {
    constructor() {
      Object.assign(this, { state: "suspended", currentTime: 1, notes: [], destination: {} });
      Context.last = this;
    }
    async resume() {
      this.state = Context.allowed ? "running" : "suspended";
    }
    createOscillator() {
      const note = { frequency: {}, connect: (to) => to, start: (when) => (note.begin = when), stop: (when) => (note.end = when) };
      this.notes.push(note);
      return note;
    }
    createGain() {
      return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to };
    }
  }

  it("is silent, and says so, until the browser allows it", async () => {
    const chime = new Chime({ Context });
    Context.allowed = false;
    assert.equal(chime.play("mine"), false);
    assert.equal(await chime.unlock(), false);
    assert.equal(chime.play("mine"), false);
    Context.allowed = true;
    assert.equal(await chime.unlock(), true);
    assert.equal(chime.play("mention"), true);
    assert.deepEqual(Context.last.notes.map(({ frequency, begin }) => [frequency.value, begin]), [[880, 1], [1047, 1.13], [1319, 1.26]]);
    assert.ok(Context.last.notes.every(({ begin, end }) => end > begin));
  });

  it("is none where the browser cannot", async () => {
    const chime = new Chime({ Context: null });
    assert.equal(await chime.unlock(), false);
    assert.equal(chime.play("mine"), false);
  });
});

describe("a desktop notification", () => {
  const setup = (permission, Thrown = null) => {
    const made = [];
    class Notification {
      static permission = permission;
      constructor(title, options) {
        if (Thrown) throw new Thrown("Illegal constructor");
        made.push(Object.assign(this, { title, ...options, closed: 0 }));
      }
      close() {
        this.closed += 1;
      }
    }
    const opened = [];
    const window = { focus: () => opened.push("focus") };
    return { made, opened, notices: new Notices({ me: ME, Notification, window, open: (group) => opened.push(group) }) };
  };

  it("opens its conversation, makes no sound of its own, and goes when somebody is back", () => {
    const { made, opened, notices } = setup("granted");
    notices.show(said(), "mine", ROWS.mine);
    assert.deepEqual([made[0].title, made[0].body, made[0].tag, made[0].silent], ["Mine", "hello", "g", true]);
    made[0].onclick();
    assert.deepEqual(opened, ["focus", "g"]);
    assert.equal(made[0].closed, 1);
  });

  it("names nobody where a leader is called", () => {
    const entry = { dataset: { key: "alert_called" }, textContent: "You are called: {name}" };
    load({ querySelectorAll: () => [{ content: { querySelectorAll: () => [entry] } }], documentElement: {} });
    const { made, notices } = setup("granted");
    notices.show(said({ kind: "notice", sender: "", sender_name: "" }), "mention", ROWS.mine);
    assert.equal(made[0].title, "You are called: Mine");
  });

  it("is none where it was not allowed, or cannot be", () => {
    for (const permission of ["default", "denied"]) {
      const { made, notices } = setup(permission);
      notices.show(said(), "mine", ROWS.mine);
      assert.deepEqual(made, []);
    }
    setup("granted", TypeError).notices.show(said(), "mine", ROWS.mine);
    new Notices({ me: ME, Notification: null }).show(said(), "mine", ROWS.mine);
  });
});

describe("being away", () => {
  // Windows of one browser, which share a store; `sent` is what each told its connection.
  const house = (minutes = 10) => {
    const clock = new Clock();
    const store = openStore(new Storage());
    const open = () => {
      const sent = [];
      const away = new Away({ minutes: async () => minutes, send: (frame) => sent.push(frame.away), store, key: "input", clock });
      return { away, sent };
    };
    return { clock, open };
  };

  it("is told after so many minutes without input, once, and ends with it", async () => {
    const { clock, open } = house();
    const { away, sent } = open();
    await clock.pass(9.5 * 60_000);
    assert.deepEqual(sent, []);
    await clock.pass(10 * 60_000);
    assert.deepEqual(sent, [true]);
    away.input();
    assert.deepEqual(sent, [true, false]);
    await clock.pass(9.5 * 60_000);
    away.input();
    await clock.pass(9.5 * 60_000);
    assert.deepEqual(sent, [true, false]);
  });

  it("is not while another window of the browser is used", async () => {
    const { clock, open } = house();
    const [one, other] = [open(), open()];
    for (let minute = 0; minute < 30; minute += 1) {
      await clock.pass(60_000);
      other.away.input();
    }
    assert.deepEqual([one.sent, other.sent], [[], []]);
    await clock.pass(11 * 60_000);
    assert.deepEqual([one.sent, other.sent], [[true], [true]]);
    other.away.input();
    // What the browser tells the other windows of a changed store.
    one.away.input(false);
    assert.deepEqual([one.sent, other.sent], [[true, false], [true, false]]);
  });

  it("ends with the next input where offers were missed, and by nothing else", async () => {
    const { clock, open } = house();
    const { away, sent } = open();
    away.pause(true);
    await clock.pass(9 * 60_000);
    assert.deepEqual(sent, []);
    away.input();
    away.input();
    assert.deepEqual(sent, [false]);
    away.pause(true);
    await clock.pass(11 * 60_000);
    assert.deepEqual(sent, [false, true], "nobody is there at all");
    away.input();
    assert.deepEqual(sent, [false, true, false]);
    away.pause(true);
    away.pause(false);
    away.input();
    assert.deepEqual(sent, [false, true, false]);
  });

  it("is heard of as it happens and on each connection", () => {
    const heard = [];
    const feed = new AlertFeed({ me: ME, onPaused: (paused) => heard.push(paused) });
    for (const state of ["online", "away", "busy"]) feed.handle({ type: "hello", groups: [], state });
    feed.handle({ type: "offers.paused", missed: 3 });
    assert.deepEqual(heard, [false, true, false, true]);
  });

  it("is told again on a new connection, and never where it was switched off", async () => {
    const { clock, open } = house();
    const { away, sent } = open();
    away.connected();
    await clock.pass(11 * 60_000);
    away.connected();
    assert.deepEqual(sent, [true, true]);
    const never = house(0);
    const tireless = never.open();
    await never.clock.pass(24 * 60 * 60_000);
    assert.deepEqual(tireless.sent, []);
  });
});
