import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Offers } from "../../../../static/js/agent/inbox/offers.js";
import { Clock, settled } from "../../helpers.mjs";

const UNTIL = "2026-11-27T10:00:30Z";
const OFFER = { group: "a", until: UNTIL, reason: "sticky", seconds: 30 };

// A card with the parts that Offers fills in.
function card() {
  const parts = new Map();
  const part = (name) => {
    if (!parts.has(name)) {
      parts.set(name, { textContent: "", attributes: {}, setAttribute(key, value) { this.attributes[key] = value; } });
    }
    return parts.get(name);
  };
  const forms = ["accept", "decline"].map((answer) => ({
    dataset: { answer },
    addEventListener(_name, step) { this.submit = () => step({ preventDefault() {} }); },
  }));
  return { dataset: {}, querySelector: part, querySelectorAll: () => forms, forms };
}

function setUp(rows = {}) {
  const clock = new Clock();
  const seen = { sent: [], opened: [], rung: [], said: [], left: 0, online: true };
  globalThis.document = { activeElement: null };
  const root = { cards: [], replaceChildren(...cards) { this.cards = cards; }, contains: (element) => root.cards.includes(element) };
  const offers = new Offers({
    root,
    template: { content: { firstElementChild: { cloneNode: card } } },
    rowOf: async (group) => rows[group] ?? Promise.reject(new Error("unknown")),
    send: (frame) => seen.online && seen.sent.push(frame) > 0,
    open: (group) => seen.opened.push(group),
    ring: ({ group }) => seen.rung.push(group),
    notify: (key) => seen.said.push(key),
    onLeft: () => (seen.left += 1),
    clock,
  });
  const shown = (name) => root.cards[0].querySelector(name);
  return { clock, seen, root, offers, shown };
}

describe("an offer", () => {
  it("is shown with the visitor's words, and rings once", async () => {
    const { seen, root, offers, shown } = setUp({ a: { group_name: "王芳", last: { excerpt: "Hello" } } });
    offers.offered(OFFER);
    offers.offered(OFFER);
    await settled();
    assert.equal(root.cards.length, 1);
    assert.equal(shown(".offer-name").textContent, "王芳");
    assert.equal(shown(".offer-words").textContent, "Hello");
    assert.deepEqual(seen.rung, ["a"]);
  });

  it("counts down by this computer's clock, whatever the server's says", async () => {
    const { clock, offers, shown } = setUp();
    offers.offered(OFFER);
    assert.equal(shown(".offer-seconds").textContent, 30);
    await clock.pass(15_000);
    assert.equal(shown(".offer-seconds").textContent, 15);
    assert.equal(shown(".offer-left").attributes["stroke-dashoffset"], 50);
  });

  it("leaves by itself if the server does not say that its time is over", async () => {
    const { clock, root, offers } = setUp();
    offers.offered(OFFER);
    await clock.pass(32_900);
    assert.equal(root.cards.length, 1);
    await clock.pass(600);
    assert.equal(root.cards.length, 0);
  });

  it("that ends takes the focus with it, also where another one follows", () => {
    const { root, offers, seen } = setUp();
    offers.all([OFFER, { ...OFFER, group: "b", seconds: 60 }]);
    document.activeElement = root.cards[0];
    offers.ended({ group: "b", why: "taken" });
    assert.equal(seen.left, 0, "the card is still there");
    offers.all([{ ...OFFER, group: "c" }]);
    assert.equal(seen.left, 1);
    offers.ended({ group: "c", why: "expired" });
    assert.equal(seen.left, 1, "it is elsewhere by now");
  });

  it("is accepted by a claim, and its conversation opens", () => {
    const { seen, offers, root } = setUp();
    offers.offered(OFFER);
    root.cards[0].forms[0].submit();
    assert.deepEqual(seen.sent, [{ type: "conversation.claim", group: "a" }]);
    assert.deepEqual(seen.opened, ["a"]);
  });

  it("is declined without leaving the open conversation", () => {
    const { seen, offers, root } = setUp();
    offers.offered(OFFER);
    root.cards[0].forms[1].submit();
    assert.deepEqual(seen.sent, [{ type: "offer.decline", group: "a" }]);
    assert.deepEqual(seen.opened, []);
  });

  it("is not answered without a connection, which is said", () => {
    const { seen, offers, root } = setUp();
    offers.offered(OFFER);
    seen.online = false;
    root.cards[0].forms[0].submit();
    assert.deepEqual([seen.said, seen.opened], [["offer_offline"], []]);
  });

  it("goes when it has ended, with a word only where it went unanswered", () => {
    for (const [why, said] of [["taken", []], ["declined", []], ["gone", []], ["expired", ["offer_expired"]]]) {
      const { seen, root, offers } = setUp();
      offers.offered(OFFER);
      offers.ended({ group: "b", why });
      assert.equal(root.cards.length, 1);
      offers.ended({ group: "a", why });
      assert.deepEqual([root.cards.length, seen.said], [0, said]);
    }
  });
});

describe("several offers", () => {
  it("are shown one by one, the one that ends first before the others", () => {
    const { root, offers } = setUp();
    offers.all([OFFER, { ...OFFER, group: "b", until: "2026-11-27T10:00:10Z", seconds: 10 }]);
    assert.equal(root.cards[0].dataset.group, "b");
    offers.ended({ group: "b", why: "taken" });
    assert.equal(root.cards[0].dataset.group, "a");
  });

  it("are those that the server names: others are gone, known ones go on counting", async () => {
    const { clock, seen, root, offers, shown } = setUp();
    offers.all([OFFER, { ...OFFER, group: "b", until: "x", seconds: 40 }]);
    await clock.pass(10_000);
    offers.all([OFFER]);
    assert.equal(shown(".offer-seconds").textContent, 20);
    offers.all([]);
    offers.all([]);
    assert.deepEqual([root.cards.length, seen.rung], [0, []]);
  });
});
