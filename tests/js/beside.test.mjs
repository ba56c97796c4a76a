import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "../../static/js/beside.js";

const HOME = "https://chat.example";

test("the page is told at once, when the chat asks for it, and when it has changed", () => {
  const told = [];
  const chat = { postMessage: ({ kefu, url, referrer }, to) => told.push([to, kefu, url, referrer]) };
  let hear, look;
  Object.assign(globalThis, {
    addEventListener: (_name, listener) => (hear = listener),
    setInterval: (step) => (look = step),
    location: { href: "https://shop.example/tea?cup=2" },
    document: { referrer: "https://search.example/" },
  });
  start({ contentWindow: chat }, HOME);
  hear({ origin: HOME, source: chat, data: { kefu: "where" } });
  look();
  hear({ origin: "https://evil.example", source: chat, data: { kefu: "where" } });
  hear({ origin: HOME, source: {}, data: { kefu: "where" } });
  hear({ origin: HOME, source: chat, data: null });
  globalThis.location.href = "https://shop.example/cart";
  look();
  look();
  const tea = [HOME, "page", "https://shop.example/tea?cup=2", "https://search.example/"];
  assert.deepEqual(told, [tea, tea, [HOME, "page", "https://shop.example/cart", "https://search.example/"]]);
});
