import assert from "node:assert/strict";
import { test } from "node:test";

import { PageReport } from "../../../static/js/visitor/page_report.js";
import { Clock } from "../helpers.mjs";

function page({ href = "https://chat.example/chat/demo/?team=x#y", referrer = "", host = "" } = {}) {
  const clock = new Clock();
  const asked = [];
  const parent = { postMessage: (...words) => asked.push(words) };
  const sent = [];
  const page = { clock, parent, sent, asked, up: true, listener: null };
  const window = {
    document: { referrer },
    location: { href },
    parent,
    addEventListener: (name, listener) => (page.listener = listener),
  };
  page.report = new PageReport({ send: (frame) => page.up && sent.push(frame) > 0, host, window, clock });
  page.hear = (data, { origin = "https://shop.example", source = parent } = {}) => page.listener({ origin, source, data });
  return page;
}

test("a page tells its address and where the visitor came from, without queries", () => {
  const { report, sent } = page({ referrer: "https://shop.example/orders?token=secret#x" });
  report.report();
  assert.deepEqual(sent, [{ type: "page", url: "https://chat.example/chat/demo/", referrer: "https://shop.example/orders" }]);
});

test("within a site it is the site's page, of which its script tells more", async () => {
  const { report, sent, hear, clock } = page({ referrer: "https://shop.example/", host: "https://shop.example" });
  report.report();
  hear({ kefu: "page", url: "https://shop.example/orders/7?x=1", referrer: "https://search.example/?q=secret" });
  assert.equal(sent.length, 1, "not so soon");
  await clock.pass(3_000);
  assert.deepEqual(sent, [
    { type: "page", url: "https://shop.example/", referrer: "" },
    { type: "page", url: "https://shop.example/orders/7", referrer: "https://search.example/" },
  ]);
});

test("the site is asked, and known by its address where its pages tell nobody where one comes from", () => {
  const { report, sent, asked } = page({ host: "https://shop.example" });
  report.report();
  assert.deepEqual(asked, [[{ kefu: "where" }, "https://shop.example"]]);
  assert.deepEqual(sent, [{ type: "page", url: "https://shop.example/", referrer: "" }]);
  assert.deepEqual(page().asked, [], "a page of its own asks nobody");
});

test("of many pages at once only the last one is told", async () => {
  const { sent, hear, clock } = page({ referrer: "https://shop.example/", host: "https://shop.example" });
  for (let at = 1; at <= 50; at += 1) hear({ kefu: "page", url: `https://shop.example/${at}`, referrer: "" });
  await clock.pass(10_000);
  assert.deepEqual(sent.map(({ url }) => url), ["https://shop.example/1", "https://shop.example/50"]);
});

test("nobody but the page around it is listened to", () => {
  const { sent, hear } = page({ referrer: "https://shop.example/", host: "https://shop.example" });
  hear({ kefu: "page", url: "https://shop.example/a" }, { origin: "https://evil.example" });
  hear({ kefu: "page", url: "https://shop.example/b" }, { source: {} });
  hear({ kefu: "open", url: "https://shop.example/c" });
  hear(null);
  assert.deepEqual(sent, []);
});

test("what is no address of a page is not told", () => {
  const other = page({ referrer: "android-app://com.example" });
  other.report.report();
  const files = page({ href: "file:///etc/passwd" });
  files.report.report();
  assert.deepEqual(files.sent, []);
  assert.equal(other.sent[0].referrer, "");
});

test("without a socket it is told with the next one", () => {
  const one = page();
  one.up = false;
  one.report.report();
  one.up = true;
  one.report.report();
  assert.equal(one.sent.length, 1);
});
