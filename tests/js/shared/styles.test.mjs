import assert from "node:assert/strict";
import { test } from "node:test";

import { stylesheet } from "../../../static/js/shared/styles.js";

test("a stylesheet that failed is asked for again at the next need, and one that came is not", async () => {
  const links = new Set();
  const createElement = () => ({ remove() { links.delete(this); } });
  globalThis.document = { createElement, head: { append: (link) => links.add(link) } };
  const first = stylesheet("/a.css");
  [...links][0].onerror();
  await first;
  assert.equal(links.size, 0);
  const second = stylesheet("/a.css");
  const [link] = links;
  assert.deepEqual([link.rel, link.href], ["stylesheet", "/a.css"]);
  link.onload();
  await second;
  stylesheet("/a.css");
  assert.deepEqual([...links], [link]);
});
