import assert from "node:assert/strict";
import { it } from "node:test";

import { InboxColumn } from "../../../../static/js/agent/inbox/inbox_column.js";

it("reads on below the next first page where a view's own was not answered", async () => {
  const reread = [];
  const inbox = { choose() {}, firstPage() {}, reread: async (...what) => reread.push(what) };
  const views = { choose() {}, show() {} };
  const answers = [Promise.reject({ code: "offline" })];
  // Without the page around it.
  const column = Object.assign(Object.create(InboxColumn.prototype), { inbox, views, onFailure() {}, showEmpty() {}, load: () => answers.shift() });
  await column.choose({ is: () => true });
  column.firstPage({ view: "open", groups: [], more: "cursor" });
  column.firstPage({ view: "open", groups: [], more: "cursor" });
  assert.deepEqual(reread, [[[], "cursor"]]);
});
