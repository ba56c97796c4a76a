import assert from "node:assert/strict";
import { it } from "node:test";

import { named } from "../../../static/js/visitor/faces.js";

it("a notice names the team in the page's language, and has a word for who has no name", () => {
  const facts = { event: "moved", team_name: "Sales", team_names: { "zh-hans": "销售组" }, by_name: "" };
  assert.deepEqual(named(facts, "zh-hans"), { event: "moved", team_name: "销售组", by_name: "unnamed" });
  assert.deepEqual(named(facts, "en"), { event: "moved", team_name: "Sales", by_name: "unnamed" });
});
