import assert from "node:assert/strict";
import { it } from "node:test";

import { marked, saysSomething } from "../../../static/js/shared/words.js";

const shown = (title, question) => marked(title, question).map((piece, at) => (at % 2 ? `<${piece}>` : piece)).join("");

it("two Han characters or a word of four letters are looked up", () => {
  for (const text of ["订单", "where", "is it 退货?", "Größe"]) assert.ok(saysSomething(text), text);
  for (const text of ["", "单", "订 单", "hi", "a b c d", "1234", "😀😀"]) assert.ok(!saysSomething(text), text);
});

it("a title shows the words of the question, and pairs of its Han characters", () => {
  assert.equal(shown("在哪里查订单号", "订单号"), "在哪里查<订单号>");
  assert.equal(shown("改收货地址，订单没出库就行", "我的订单呢"), "改收货地址，<订单>没出库就行");
  assert.equal(shown("订了单子", "订单"), "订了单子");
  assert.equal(shown("Where is the Order number", "ORDER, where?"), "<Where> is the <Order> number");
  assert.equal(shown("It is tea", "is it tea"), "It is <tea>");
  assert.equal(shown("用USB-C充电", "usb"), "用<USB>-C充电");
  assert.equal(shown("<b>𠀀𠀁", "𠀀𠀁"), "<b><𠀀𠀁>");
  assert.equal(shown("it costs $5 (now)", "$5 (now) .* [a \\"), "it costs $5 (<now>)");
  assert.equal(shown("tea 茶", "a 茶 😀 *|("), "tea 茶");
});
