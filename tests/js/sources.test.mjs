// What no browser complains about, and no test of one part notices.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../static/js/", import.meta.url);

test("no class has two methods of one name, of which only the second would count", () => {
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    const classes = readFileSync(new URL(file, folder), "utf8").split(/^export class |^class /m).slice(1);
    for (const text of classes) {
      const body = text.slice(0, text.search(/^\}/m));
      const names = [...body.matchAll(/^  (?:async )?((?:get |set |static )?\w+)\(.*\) \{$/gm)].map(([, name]) => name);
      assert.deepEqual(names, [...new Set(names)], file);
    }
  }
});
