import assert from "node:assert/strict";
import { it } from "node:test";

globalThis.location ??= new URL("https://chat.example/agent/");
const { Articles, lastSaid, linkWords } = await import("../../../static/js/agent/conversation/articles.js");
const { draftOf } = await import("../../../static/js/agent/conversation/make_article.js");

it("a link has the article's title, unless that would end it early", () => {
  const url = "/help/acme/tea/?lang=en";
  assert.equal(linkWords({ title: "How long tea keeps", url }), `[How long tea keeps](https://chat.example${url})`);
  assert.equal(linkWords({ title: "Tea [new]", url }), `Tea [new] https://chat.example${url}`);
});

it("articles are about what the visitor said last, without an answer between", () => {
  const said = (role, content, more) => ({ kind: "message", sender_role: role, content, ...more });
  const [old, answer] = [said("visitor", "old"), said("agent", "answer")];
  const asked = [said("visitor", "lid?"), said("visitor", ""), said("bot", "Hm."), said("visitor", "it broke")];
  assert.equal(lastSaid([]), "");
  assert.equal(lastSaid([old, answer, ...asked, said("agent", "Hello!", { automatic: true })]), "lid?\nit broke");
  assert.equal(lastSaid([old, answer, ...asked, said("agent", "seen", { kind: "note" }), answer]), "lid?\nit broke");
  assert.equal(lastSaid([old, ...asked, said("visitor", "help")]), "lid?\nit broke\nhelp");
  assert.equal(lastSaid([said("visitor", "𠀀".repeat(400)), said("visitor", "茶".repeat(400))]), `${"𠀀".repeat(99)}\n${"茶".repeat(400)}`);
});

it("who only reads a conversation asks for articles about the words alone", () => {
  const asked = [];
  const connection = { send: (frame) => asked.push(frame.group) };
  for (const seated of [true, false]) Articles.prototype.ask.call({ workspace: { connection, details: { seated } }, waiting: new Map() }, "lid?", "a");
  assert.deepEqual(asked, ["a", undefined]);
});

it("an article begins with the question before the answer", () => {
  const said = (seq, role, content, kind = "message") => ({ seq, kind, sender_role: role, content });
  const answer = said(5, "agent", "两年。\n避光。");
  const messages = [said(1, "visitor", "hello"), said(2, "visitor", "茶能放多久？\n急"), said(3, "agent", "?"), said(4, "visitor", "x", "notice"), answer, said(6, "visitor", "thanks")];
  assert.deepEqual(draftOf(answer, messages), { title: "茶能放多久？", body: "两年。\n避光。", lang: "zh-hans" });
  assert.deepEqual(draftOf(said(1, "agent", "We open at nine."), []), { title: "We open at nine.", body: "We open at nine.", lang: "en" });
  assert.equal([...draftOf(answer, [said(1, "visitor", "𠀀".repeat(300))]).title].length, 200);
});

it("an article that is fetched takes the place of what asked for it alone, and of nothing elsewhere", async () => {
  globalThis.matchMedia = () => ({ matches: false });
  globalThis.document = { cookie: "" };
  const field = {
    ...{ focus() {}, dispatchEvent() {} },
    setSelectionRange(start, end) {
      Object.assign(field, { selectionStart: start, selectionEnd: end });
    },
    setRangeText(words, start, end) {
      field.write(field.value.slice(0, start) + words + field.value.slice(end), start + words.length);
    },
    write: (value, caret = value.length) => Object.assign(field, { value, selectionStart: caret, selectionEnd: caret }),
  };
  const conversations = {};
  const articles = Object.assign(Object.create(Articles.prototype), { workspace: { conversations, details: {}, page: {}, writing: { composer: { field } } } });
  const cases = [
    ["/tea", "/tea", "a", "TEXT", 4],
    ["/tea", "/tea, as you know", "a", "TEXT, as you know", 17],
    ["/tea", "never mind", "a", "never mindTEXT", 14],
    ["", "Look: ", "a", "Look: TEXT", 10],
    ["", "another answer", "b", "another answer", 14],
  ];
  for (const [asked, meanwhile, group, value, caret] of cases) {
    globalThis.fetch = async () => Response.json({ text: "TEXT" });
    conversations.group = "a";
    field.write(asked);
    const inserted = articles.insert({ slug: "tea", lang: "en" }, "text", asked);
    conversations.group = group;
    field.write(meanwhile);
    await inserted;
    assert.deepEqual([field.value, field.selectionEnd], [value, caret]);
  }
});
