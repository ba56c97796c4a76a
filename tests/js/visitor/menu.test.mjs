import assert from "node:assert/strict";
import { it } from "node:test";

import { Menu } from "../../../static/js/visitor/menu.js";

it("the menu keeps the focus only while it is open when the conversation is ended", async () => {
  // The form stands for its data, too.
  Object.assign(globalThis, { document: { cookie: "" }, fetch: async () => Response.json({}), FormData: Map });
  const back = [];
  for (const open of [true, false]) {
    const target = Object.assign([], { action: "/", querySelector: () => ({}) });
    const menu = { sending: new Set(), menu: { open }, back: () => back.push(open), onEnded: () => back.push("ended") };
    await Menu.prototype.submit.call(menu, { target, preventDefault() {} });
  }
  assert.deepEqual(back, [true, "ended", "ended"]);
});
