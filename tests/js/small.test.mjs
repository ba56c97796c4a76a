import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { hue, initial, useHues } from "../../static/js/agent/avatar.js";
import { called, fitting } from "../../static/js/composer/suggestions.js";
import { sends } from "../../static/js/composer/composer.js";
import { Fallback } from "../../static/js/connection/delivery.js";
import { csrfToken, getJson, keepTokensFresh } from "../../static/js/connection/http.js";
import { filledIn } from "../../static/js/composer/suggestions.js";
import { fill, spaced } from "../../static/js/shared/text.js";
import { duration, elapsed } from "../../static/js/shared/durations.js";
import { daysAgo } from "../../static/js/shared/time.js";
import { TypingIndicator, TypingSender } from "../../static/js/composer/typing.js";
import { Clock } from "./helpers.mjs";

describe("a name before Chinese", () => {
  const said = (visitor, pattern = "{visitor}您好") => fill(spaced(pattern, { visitor }), { visitor });

  it("is set apart where it ends in a letter or a digit", () => {
    assert.equal(said("访客 3414"), "访客 3414 您好");
    assert.equal(said("Maria"), "Maria 您好");
  });
  it("stays as it is elsewhere", () => {
    assert.equal(said("小梅"), "小梅您好");
    assert.equal(said("访客 3414", "{visitor}，您好"), "访客 3414，您好");
    assert.equal(said("Maria", "Hello {visitor}, {nobody}好"), "Hello Maria, {nobody}好");
  });
});

describe("a canned reply to a visitor without a name", () => {
  const said = (content, visitor = "访客 3414") => filledIn(content, { visitor, agent: "小艾" });

  it("is a sentence without the number", () => {
    assert.equal(said("{visitor}您好"), "您好");
    assert.equal(said("{visitor}，您好！我是{agent}。"), "您好！我是小艾。");
    assert.equal(said("您好，{visitor}，我是{agent}"), "您好，我是小艾");
    assert.equal(said("Hello {visitor}, this is {agent}.", "Visitor 1024"), "Hello, this is 小艾.");
    assert.equal(said("{visitor}, how are you?", "Visitor 1024"), "How are you?");
    assert.equal(said("再见，{visitor}"), "再见");
  });
  it("keeps the name where it is no address", () => {
    assert.equal(said("已经联系{visitor}本人"), "已经联系访客 3414 本人");
  });
  it("addresses everybody else by their name", () => {
    assert.equal(said("{visitor}您好", "王先生"), "王先生您好");
    assert.equal(said("{visitor}您好", "Visitor Li"), "Visitor Li 您好");
  });
});

describe("a request", () => {
  it("that is not answered ends after a while", async (test) => {
    const limits = [];
    const limit = AbortSignal.timeout;
    test.mock.method(AbortSignal, "timeout", (time) => (limits.push(time), limit.call(AbortSignal, 1)));
    test.mock.method(globalThis, "fetch", (_url, { signal }) => new Promise((_, reject) => signal?.addEventListener("abort", reject)));
    const silent = new Promise((resolve) => setTimeout(resolve, 500, { code: "silent" }));
    assert.equal((await Promise.race([getJson("/").catch((failure) => failure), silent])).code, "offline");
    assert.deepEqual(limits, [30_000]);
  });
});

describe("the Enter key", () => {
  const key = (more) => ({ key: "Enter", shiftKey: false, altKey: false, isComposing: false, keyCode: 13, ...more });

  it("sends", () => assert.equal(sends(key()), true));
  it("breaks the line with Shift", () => assert.equal(sends(key({ shiftKey: true })), false));
  it("sends with Ctrl or ⌘ alone where that was chosen", () => {
    assert.equal(sends(key(), true), false);
    assert.equal(sends(key({ ctrlKey: true }), true), true);
    assert.equal(sends(key({ metaKey: true }), true), true);
    assert.equal(sends(key({ ctrlKey: true, keyCode: 229 }), true), false);
  });
  it("never sends half a word of an input method", () => {
    assert.equal(sends(key({ isComposing: true, keyCode: 229 })), false);
    assert.equal(sends(key({ isComposing: true })), false);
    assert.equal(sends(key({ keyCode: 229 })), false);
  });
  it("is the only one that sends", () => assert.equal(sends(key({ key: "a" })), false));
});

describe("the token of a plain form", () => {
  const submit = (cookie) => {
    const document = Object.assign(new EventTarget(), { cookie });
    const field = { value: "old" };
    keepTokensFresh(document);
    const event = new Event("submit");
    const elements = { namedItem: (name) => (name === "csrfmiddlewaretoken" ? field : null) };
    Object.defineProperty(event, "target", { value: { elements } });
    document.dispatchEvent(event);
    return field.value;
  };

  it("is the cookie's at the moment it is sent", () => assert.equal(submit("a=b; csrftoken=new"), "new"));
  it("stays where there is no cookie", () => assert.equal(submit("xcsrftoken=other"), "old"));
  it("is read whole", () => assert.equal(csrfToken("csrftoken=x1;sessionid=y"), "x1"));
});

describe("polling", () => {
  it("begins after five seconds without a connection, goes on every five, and ends with it", async () => {
    const clock = new Clock();
    const active = [];
    let rounds = 0;
    const fallback = new Fallback({ clock, onActive: (value) => active.push(value), poll: async () => (rounds += 1) });
    fallback.connection("waiting");
    fallback.connection("connecting");
    await clock.pass(4_900);
    assert.equal(rounds, 0);
    await clock.pass(10_200);
    assert.equal(rounds, 3);
    fallback.connection("open");
    await clock.pass(60_000);
    assert.equal(rounds, 3);
    assert.deepEqual(active, [true, true, true, false]);
  });

  it("goes on when a round fails, and says that it does not work", async () => {
    const clock = new Clock();
    const active = [];
    let rounds = 0;
    const poll = async () => assert.fail((rounds += 1));
    const fallback = new Fallback({ clock, onActive: (value) => active.push(value), poll });
    fallback.connection("waiting");
    await clock.pass(11_000);
    assert.equal(rounds, 2);
    assert.deepEqual(active, [false, false]);
  });
});

describe("typing", () => {
  it("of a visitor is told at most once a second, and the last text always", async () => {
    const clock = new Clock();
    const sent = [];
    const teller = new TypingSender({ clock, drafts: true, send: (draft) => sent.push(draft) });
    for (const draft of ["a", "ab", "abc"]) teller.input(draft);
    await clock.pass(1000);
    teller.stop();
    assert.deepEqual(sent, ["a", "abc", ""]);
  });

  it("tells no more of a draft than a frame can hold, and no half character", () => {
    const sent = [];
    const teller = new TypingSender({ clock: new Clock(), drafts: true, send: (draft) => sent.push(draft) });
    teller.input("a" + "🙂".repeat(20_000));
    assert.equal(sent[0].length, 2000);
    assert.ok(sent[0].isWellFormed());
  });

  it("of an agent tells no text", async () => {
    const clock = new Clock();
    const sent = [];
    const teller = new TypingSender({ clock, drafts: false, send: (draft) => sent.push(draft) });
    teller.input("secret");
    teller.input("secret!");
    await clock.pass(3000);
    teller.input("secret!!");
    teller.input("");
    assert.deepEqual(sent, [true, true, false]);
  });

  it("is shown until it is over, or long not heard of", async () => {
    const clock = new Clock();
    const element = {};
    const shown = new TypingIndicator({ clock, element, line: (name) => name });
    shown.event({ member: "1", draft: true }, "Ai");
    await clock.pass(3000);
    shown.event({ member: "2", draft: "text" }, "Bo");
    assert.equal(element.textContent, "Ai\nBo");
    await clock.pass(3000);
    assert.equal(element.textContent, "Bo");
    await clock.pass(3000);
    assert.equal(element.textContent, "", "a draft that was left is no typing");
    shown.event({ member: "2", draft: "text" }, "Bo");
    shown.event({ member: "2", draft: "" }, "Bo");
    assert.equal(element.textContent, "");
  });
});

describe("small things", () => {
  it("a name with braces stays what it is", () => {
    assert.equal(fill("{name}: {text}", { name: "{text}", text: "x" }), "{text}: x");
    assert.equal(fill("{unknown}", {}), "{unknown}");
  });

  it("what every object has fills no gap", () => {
    const words = "{constructor} {toString} {__proto__}";
    assert.equal(fill(words, { visitor: "x" }), words);
  });

  it("a face has one letter, and one colour of twelve", () => {
    assert.equal(initial("艾小姐"), "艾");
    assert.equal(initial("小艾"), "艾");
    assert.equal(initial("🙂 x"), "🙂");
    assert.equal(initial(""), "?");
    assert.equal(initial("访客 8069"), "69", "else they all look alike");
    assert.equal(hue(""), 0);
    assert.equal(hue("ab"), (97 * 31 + 98) % 12);
    useHues({ ab: 3 });
    assert.deepEqual([hue("ab"), hue("ba")], [3, (98 * 31 + 97) % 12]);
    useHues({});
  });

  it("days are counted by the calendar", () => {
    const night = new Date(2026, 10, 24, 23, 59);
    assert.equal(daysAgo(night, new Date(2026, 10, 25, 0, 1)), 1);
    assert.equal(daysAgo(night, night), 0);
  });

  it("a wait is told in its largest unit", () => {
    assert.match(duration(5_000), /^1\D/);
    assert.match(duration(4 * 60_000), /^4\D/);
    assert.match(duration(3 * 3_600_000), /^3\D/);
    assert.match(duration(50 * 3_600_000), /^2\D/);
  });

  it("a wait is told as a clock, with hours from the first on", () => {
    const told = [-5, 0, 59, 60, 187, 3599, 3600, 3787, 90_061].map((seconds) => elapsed(seconds * 1000));
    assert.deepEqual(told, ["0:00", "0:00", "0:59", "1:00", "3:07", "59:59", "1:00:00", "1:03:07", "25:01:01"]);
  });

  it("a Chinese unit stands apart from its number, as in the page's own texts", () => {
    const before = globalThis.document;
    globalThis.document = { documentElement: { lang: "zh-hans" } };
    try {
      assert.equal(duration(4 * 60_000), "4 分钟");
    } finally {
      globalThis.document = before;
    }
  });
});

describe("what is offered while one writes", () => {
  const reply = (title, content) => ({ title, content });

  it("are the replies with the words in their title first, then in their text", () => {
    const all = [reply("Parcel", "it comes"), reply("Hello", "your parcel"), reply("Hours", "9 to 5")];
    assert.deepEqual(fitting(all, "PARCEL").map(({ title }) => title), ["Parcel", "Hello"]);
    assert.equal(fitting(all, "").length, 3);
    assert.equal(fitting(all, "x").length, 0);
  });

  for (const [before, found] of [
    ["@", { start: 0, words: "" }],
    ["看@小", { start: 1, words: "小" }],
    ["a\n@Bo", { start: 2, words: "bo" }],
    ["mail a@b", null],
    ["@bob and", null],
    ["", null],
  ]) {
    it(`is a colleague after ${JSON.stringify(before)}`, () => assert.deepEqual(called(before), found));
  }
});
