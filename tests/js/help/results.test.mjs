import assert from "node:assert/strict";
import { test } from "node:test";

import { once, pieces } from "../../../static/js/help/results.js";

const words = (text, asked) => pieces(text, asked).filter(([, isWord]) => isWord).map(([piece]) => piece);

test("an article comes once, in the language of Chinese words, else rather in the page's", () => {
  const found = [{ slug: "tea", lang: "zh-hans" }, { slug: "cup", lang: "en" }, { slug: "tea", lang: "en" }];
  assert.deepEqual(once(found, "7542", "en").map((one) => one.slug + one.lang), ["teaen", "cupen"]);
  assert.deepEqual(once(found, "茶", "en").map((one) => one.slug + one.lang), ["teazh-hans", "cupen"]);
});

test("the words of a search are found in a text, whatever they contain", () => {
  assert.deepEqual(words("Gaiwan too hot", "gaiwan, a HOT"), ["Gaiwan", "hot"]);
  assert.deepEqual(words("盖碗太烫拿不住", "盖碗烫吗"), ["盖碗"]);
  assert.deepEqual(words("it costs $5 (now)", "$5 (now) .* [a \\"), ["$5", "now"]);
  for (const asked of ["", "a", "茶", "😀", "*", "\\"]) assert.deepEqual(pieces("a tea 茶", asked), [["a tea 茶", false]]);
});
