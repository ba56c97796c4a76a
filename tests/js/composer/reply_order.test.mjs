import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isChinese, ReplyOrder } from "../../../static/js/composer/reply_order.js";

const REPLIES = [
  { id: 1, content: "Thank you, {visitor}." },
  { id: 2, content: "您好，{visitor}！请稍等。" },
  { id: 3, content: "请把 iPhone 的订单号发给我们。" },
];

describe("canned replies", () => {
  const kept = new Map();
  const order = () => new ReplyOrder({ get: (key) => kept.get(key), set: (key, value) => kept.set(key, value) }, "me");
  const ids = (language) => order().sort(REPLIES, language).map(({ id }) => id);

  it("begin with those in the visitor's language, the most used ones first", () => {
    assert.deepEqual([ids("zh-hans"), ids("en"), ids("")], [[2, 3, 1], [1, 2, 3], [1, 2, 3]]);
    for (const id of [3, 3, 2, 1]) order().use({ id });
    assert.deepEqual([ids("zh-CN"), ids("fr"), ids("")], [[3, 2, 1], [1, 3, 2], [3, 1, 2]]);
  });

  it("are Chinese where most of their letters are", () => {
    assert.deepEqual(["{visitor}，您好", "Kefu", "请看 https://kefu.example/help", ""].map(isChinese), [true, false, false, false]);
  });
});
