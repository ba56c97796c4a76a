import assert from "node:assert/strict";
import { it } from "node:test";

import { Actions } from "../../../../static/js/agent/conversation/actions.js";

it("a button that is hidden hands the focus to the menu, and what is hidden beside the thread does not", () => {
  let focused = 0;
  const part = () => ({ querySelector: part, toggleAttribute() {}, focus: () => (focused += 1) });
  const calm = { root: part(), menu: part(), closing: part(), picking: [], labels: { show() {} }, choices() {} };
  const actions = Object.assign(Object.create(Actions.prototype), { ...calm, known: {}, group: "g" });
  for (const [places, moved] of [[["[hidden]", ".opened [hidden]"], 1], [["[hidden]"], 0]]) {
    focused = 0;
    globalThis.document = { activeElement: { closest: (selector) => places.includes(selector) } };
    actions.show({ group: "g", open: true, claimed_by: "me" }, []);
    assert.equal(focused, moved);
  }
});
