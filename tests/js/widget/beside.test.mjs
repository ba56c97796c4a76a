import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "../../../static/js/widget/beside.js";

const HOME = "https://chat.example";

// Starts beside.js with what a browser has; `ready` is what the panel says of the frame then.
function started(ready) {
  const told = [];
  const emitted = [];
  const chat = { postMessage: ({ kefu, url, referrer }, to) => told.push([to, kefu, url, referrer]) };
  let hear, look;
  Object.assign(globalThis, {
    addEventListener: (_name, listener) => (hear = listener),
    setInterval: (step) => (look = step),
    location: { href: "https://shop.example/tea?cup=2" },
    document: { referrer: "https://search.example/" },
    window: {},
  });
  const parentNode = { matches: (selector) => selector === ".ready" && ready };
  start({ contentWindow: chat, parentNode }, HOME, (...event) => emitted.push(event));
  const say = (kefu, { origin = HOME, source = chat, ...more } = {}) => hear({ origin, source, data: kefu && { kefu, ...more } });
  return { told, emitted, say, look };
}

const tea = [HOME, "page", "https://shop.example/tea?cup=2", "https://search.example/"];
const cart = [HOME, "page", "https://shop.example/cart", "https://search.example/"];

test("the page is told when the chat asks for it, and when it has changed", () => {
  const { told, say, look } = started(false);
  say("where");
  look();
  say("where", { origin: "https://evil.example" });
  say("where", { source: {} });
  say(null);
  say("state");
  assert.deepEqual(told, [tea]);
  say("where");
  globalThis.location.href = "https://shop.example/cart";
  look();
  look();
  assert.deepEqual(told, [tea, tea, cart]);
});

test("nothing is told before the frame has spoken: until then it shows another origin", () => {
  const { told, say, look } = started(false);
  look();
  say("where", { origin: "https://evil.example" });
  say(null);
  look();
  assert.deepEqual(told, []);
  say("state");
  assert.deepEqual(told, [tea]);
});

test("a frame that has spoken before this was there is told at once", () => {
  assert.deepEqual(started(true).told, [tea]);
});

test("what happens in the chat is said to the site, by nobody else", () => {
  const { emitted, say } = started(true);
  say("event", { name: "rated", detail: 4, origin: "https://evil.example" });
  say("event", { name: "rated", detail: 4, source: {} });
  say("event", { name: "message", detail: { seq: 3 } });
  assert.deepEqual(emitted, [["message", { seq: 3 }]]);
});
