// The oldest browsers that docs/browsers.md names know what the shipped JavaScript and CSS ask for, by MDN's
// data. What HTML asks for is not read.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const { ownNames, scriptFaults } = await import("./browsers/scripts.mjs").catch(() => ({}));
const { styleFaults } = await import("./browsers/styles.mjs").catch(() => ({}));
const needs = { skip: scriptFaults && styleFaults ? false : "bin/test installs the packages of requirements/npm" };

// What may be lacking in one of them, and why nobody misses it.
const SOFT_SCRIPTS = [
  [/^\.doNotTrack$/, "where a browser has no such wish, nobody has expressed it"],
  [/^\.(side|ink)$/, "answers of the server (static/js/widget/widget.js), not of the browser"],
  [/^\.(pushManager|(un)?subscribe|getSubscription|(show|get)Notifications?)$/, "asked for only where a browser has pushes"],
  [/^\.preloadResponse$/, "without it the page is fetched once its service worker runs"],
  [/^Notification\./, "its button is hidden where there is no Notification"],
  [/full-?screen/i, "its button is hidden where nothing can be shown on a full screen"],
];
const SOFT_STYLES = [
  [/^(cursor|resize)/, "a finger has no pointer"],
  [/forced-color/, "only Windows has such a mode"],
  [/^-webkit-touch-callout/, "only an iPhone has such a menu"],
  [/^:fullscreen/, "an iPhone has no full screen"],
  [/^text-align: match-parent/, "a line in the other direction begins at the other side"],
  [/^scrollbar-width/, "scrollbars look as everywhere"],
  [/^overflow-anchor/, "what does not know it moves nothing by itself"],
  [/^@media \(scripting\)/, "for those who have switched scripts off"],
  [/^font-family: ui-monospace/, "another font comes after it"],
];

const read = (name) => readFileSync(new URL(name, ROOT), "utf8");
const filesIn = (folder, kind) =>
  readdirSync(new URL(folder, ROOT), { recursive: true })
    .filter((name) => name.endsWith(kind))
    .map((name) => [`${folder}${name}`, read(`${folder}${name}`)]);

// The rows of the table of browsers: [{ chrome: "105", firefox: "121", safari: "16" }, …].
function oldest(page) {
  const rows = read(page).split(/\|---.*\n/)[1].split("\n\n")[0].trim().split("\n");
  return rows.map((row) => {
    const [chrome, firefox, safari] = row.split("|").slice(2, 5).map((cell) => /\d+(\.\d+)?/.exec(cell)[0]);
    return { chrome, firefox, safari };
  });
}

const told = (faults, soft) =>
  faults
    .filter(({ what }) => !soft.some(([pattern]) => pattern.test(what)))
    .map(({ name, line, what, lacks }) => `${name}:${line} ${what} is not in ${lacks.join(", ")}`);

const [designed, working, widget] = oldest("docs/browsers.md");
const scriptsAsked = () => {
  const files = filesIn("static/js/", ".js");
  const own = ownNames(files.map(([, text]) => text));
  return files.flatMap(([name, text]) => {
    const faults = scriptFaults(text, name.startsWith("static/js/widget/") ? widget : working, own);
    return faults.map((fault) => ({ ...fault, name }));
  });
};
const stylesAsked = () =>
  filesIn("static/css/", ".css").flatMap(([name, text]) => styleFaults(text, designed).map((fault) => ({ ...fault, name })));

test("both READMEs name the oldest browsers in which the chat works", () => {
  for (const readme of ["README.md", "README.zh-CN.md"])
    for (const [name, version] of Object.entries(working))
      assert.match(read(readme), new RegExp(`${name} ${version.replace(".", "\\.")}\\b`, "i"), readme);
});

test("scripts run in the oldest browsers in which the chat works", needs, () => {
  assert.deepEqual(told(scriptsAsked(), SOFT_SCRIPTS), []);
});

test("styles are as designed in the oldest browsers of which this is said", needs, () => {
  assert.deepEqual(told(stylesAsked(), SOFT_STYLES), []);
});

test("each exception is still needed", needs, () => {
  for (const [faults, soft] of [[scriptsAsked(), SOFT_SCRIPTS], [stylesAsked(), SOFT_STYLES]])
    for (const [pattern] of soft) assert(faults.some(({ what }) => pattern.test(what)), String(pattern));
});

for (const text of [
  "list.findLast(even);",
  "list.at(-1);",
  "Object.hasOwn(one, 'name');",
  "structuredClone(one);",
  "AbortSignal.any([one]);",
  "new CSSStyleSheet();",
  "class One { static { start(); } }",
  "/(?<=a)b/.exec(text);",
])
  test(`a script that is too new is found: ${text}`, needs, () => {
    assert.equal(scriptFaults(text, { chrome: "90", firefox: "90", safari: "15" }).length > 0, true);
  });

for (const text of [
  "if (list.findLast) list.findLast(even);",
  "element.inert = true;",
  "navigator.clipboard?.writeText(text);",
  "const at = (place) => place; at(1);",
  "[...list].map(String).includes('a');",
])
  test(`a script that every browser runs, or that looks first, is not: ${text}`, needs, () => {
    assert.deepEqual(scriptFaults(text, { chrome: "90", firefox: "90", safari: "15" }), []);
  });

for (const text of [
  "a { height: 100dvh }",
  "a { color: light-dark(red, blue) }",
  "a { color: color-mix(in srgb, red, blue) }",
  "a { & b { color: red } }",
  "a { b { color: red } }",
  "@scope (a) { b { color: red } }",
  "a { text-wrap: pretty }",
  "a:user-invalid { color: red }",
  "@media (width < 30em) { a { color: red } }",
  'a { content: "x" / "" }',
  "a { --room: 100vh; height: 100vh; height: calc(100dvh - var(--bar)) }",
])
  test(`a style that is too new is found: ${text}`, needs, () => {
    assert.equal(styleFaults(text, { chrome: "102", firefox: "100", safari: "15.1" }).length > 0, true);
  });

for (const text of [
  "a { height: 100vh; height: 100dvh }",
  "@supports (height: 100dvh) { a { height: 100dvh } }",
  "a { -webkit-user-select: none; user-select: none }",
  "a::-webkit-meter-bar { border: 0 }",
])
  test(`a style with another for the older ones is not: ${text}`, needs, () => {
    assert.deepEqual(styleFaults(text, { chrome: "102", firefox: "100", safari: "15.1" }), []);
  });
