import assert from "node:assert/strict";
import { test } from "node:test";

import { once } from "../../../static/js/help/results.js";

test("an article comes once, in the language of Chinese words, else rather in the page's", () => {
  const found = [{ slug: "tea", lang: "zh-hans" }, { slug: "cup", lang: "en" }, { slug: "tea", lang: "en" }];
  assert.deepEqual(once(found, "7542", "en").map((one) => one.slug + one.lang), ["teaen", "cupen"]);
  assert.deepEqual(once(found, "茶", "en").map((one) => one.slug + one.lang), ["teazh-hans", "cupen"]);
});
