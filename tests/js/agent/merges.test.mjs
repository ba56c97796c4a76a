import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { merged, moveDraft, moveUnsent } from "../../../static/js/agent/merges.js";
import { Sending } from "../../../static/js/agent/sending.js";
import { Tray } from "../../../static/js/composer/tray.js";
import { openStore, Outbox } from "../../../static/js/connection/outbox.js";
import { Uploads } from "../../../static/js/connection/uploads.js";
import { Clock, settled, Storage } from "../helpers.mjs";

// A tray without the page around it.
function trayWith(files) {
  const use = function (group) {
    this.shown = group;
  };
  return Object.assign(Object.create(Tray.prototype), { group: "open", chosen: new Map(Object.entries(files)), use });
}

describe("a conversation that became a part of another one", () => {
  let store, composer, writing;
  beforeEach(() => {
    store = openStore(new Storage());
    composer = { key: "draft:z", field: { value: "" }, name: "Z", used: [], keep() {}, use: (...what) => composer.used.push(what) };
    writing = { store, composer, aids: {}, draftKey: (group) => `draft:${group}` };
  });

  it("takes its draft along, below the other's", () => {
    store.set("draft:y", { text: "for colleagues", note: true, extra: { reply_to: { seq: 3 }, calls: [{ member: "b" }] }, began: 3, name: "Y" });
    moveDraft({ writing }, "y", "x");
    assert.deepEqual(store.get("draft:x"), { text: "for colleagues", note: true, extra: { calls: [{ member: "b" }] }, name: "Y" });
    assert.equal(store.get("draft:y"), null);
    store.set("draft:y", { text: "more", note: false, extra: { edit: { seq: 2, content: "whole", before: { text: "below" } } } });
    store.set("draft:x", { text: "first", note: false, extra: { reply_to: { seq: 1 } }, began: 1, name: "X" });
    moveDraft({ writing }, "y", "x");
    assert.deepEqual(store.get("draft:x"), { text: "first\nmore\nbelow", note: false, extra: { reply_to: { seq: 1 }, calls: [] }, began: 1, name: "X" });
    moveDraft({ writing }, "y", "x");
    assert.deepEqual([store.get("draft:x").text, composer.used], ["first\nmore\nbelow", []]);
  });

  it("takes along what is in the field, where another window has moved it already", () => {
    composer.key = "draft:y";
    composer.field.value = "the same";
    composer.keep = () => store.set("draft:y", { text: "the same" });
    store.set("draft:x", { text: "the same" });
    moveDraft({ writing }, "y", "x");
    assert.deepEqual([store.get("draft:x").text, composer.used, store.get("draft:y")], ["the same", [["draft:x", "Z"]], null]);
  });

  it("is asked what it became where a text would be left there", async () => {
    globalThis.document = { cookie: "" };
    globalThis.fetch = async () => new Response('{"error": "merged", "into": "x"}', { status: 410 });
    const did = [];
    const navigation = { leave: (group) => did.push(`left ${group}`), go: (group) => did.push(`went to ${group}`) };
    globalThis.history = { replaceState() {} };
    store.set("draft:y", { text: "half" });
    writing.aids.files = { attach: { tray: trayWith({ f: ["file"] }), uploads: new Uploads({}) } };
    const workspace = {
      ...{ navigation, writing, sending: { outbox: { itemsOf: () => [] } }, href: (group) => `/c/${group}/` },
      column: { inbox: { unsent: (group) => Boolean(store.get(`draft:${group}`)), remove() {} }, address() {} },
      conversations: { group: "open", wanted: "open", drop: (group) => did.push(`dropped ${group}`) },
    };
    for (const group of ["y", "f", "open", "other"]) await merged(workspace, group, null);
    assert.deepEqual(did, ["dropped y", "dropped f", "dropped open", "went to x", "left other"]);
    assert.equal(store.get("draft:x").text, "half");
  });

  it("has a text that was on its way sent to the other one, as the same message", () => {
    const frames = [];
    const connection = { send: (frame) => Boolean(frames.push(frame)) };
    const conversations = { group: "z", current: { group: "y", timeline: { last: 4 } }, cache: new Map() };
    const view = { clearFresh() {}, showPending() {} };
    const sending = new Sending({ page: {}, store, prefix: "outbox:", connection, fallback: {}, conversations, view, href: String });
    sending.send("hello", false, { reply_to: { seq: 2 } });
    const [{ client_id: id }] = frames;
    sending.refused(id, "merged", { group: "y", into: "x" });
    clearTimeout(sending.outbox.timer);
    assert.deepEqual(frames[1], { type: "message.send", client_id: id, group: "x", content: "hello", seen: 4 });
    assert.equal(store.get(`outbox:${id}`).group, "x");
  });

  it("has what was refused there, and its files, go to the other one", async () => {
    const asked = [];
    const request = ({ url }) => ({ answer: new Promise((_done, fail) => asked.push([url, fail])), abort: () => asked.at(-1)[1]({ code: "offline" }) });
    const uploads = new Uploads({ request, onChange() {}, onStored() {}, clock: new Clock() });
    const outbox = new Outbox({ store, prefix: "outbox:", transport: () => false });
    const { client_id: id } = outbox.add({ group: "y", content: "hello", reply_to: { seq: 2 } });
    outbox.refused(id, "stale");
    const [failed, late, waiting] = [1, 2, 3].map(() => uploads.add({ group: "y", url: "/c/y/messages/" }));
    uploads.pump();
    asked[0][1]({ code: "merged" });
    await settled();
    const tray = trayWith({ x: ["own"], y: ["moved"] });
    writing.aids.files = { attach: { tray, uploads } };
    moveUnsent({ writing, sending: { outbox }, href: (group) => `/c/${group}/` }, "y", "x");
    await settled();
    const { state, code, reply_to: quote } = store.get(`outbox:${id}`);
    assert.deepEqual([outbox.itemsOf("x").length, state, code, quote], [1, "failed", "stale", null]);
    assert.deepEqual([[...tray.chosen], tray.shown], [[["x", ["own", "moved"]]], "open"]);
    assert.deepEqual([failed, late, waiting].map((item) => [item.group, item.state, item.url]), Array(3).fill(["x", "sending", "/c/x/messages/"]));
    uploads.again();
    assert.deepEqual(asked.map(([url]) => url), ["/c/y/messages/", "/c/y/messages/", "/c/x/messages/"]);
  });
});
