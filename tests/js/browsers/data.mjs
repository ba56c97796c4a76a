// What each browser has since which version: MDN's data, which the makers of browsers keep with it.

import { createRequire } from "node:module";

// Installed beside what Python's tests need: see bin/_bootstrap.py.
const packages = createRequire(new URL("../../../.venv/npm/package.json", import.meta.url));

export const acorn = packages("acorn");
export const walk = packages("acorn-walk");
export const cssTree = packages("css-tree");
export const mdn = packages("@mdn/browser-compat-data");

// Of MDN's names for a browser, those that one of ours stands for.
const ENGINES = { chrome: ["chrome", "chrome_android"], firefox: ["firefox"], safari: ["safari", "safari_ios"] };

const compare = (one, other) => {
  const [left, right] = [one, other].map((version) => String(version).split(".").map(Number));
  return left[0] - right[0] || (left[1] ?? 0) - (right[1] ?? 0);
};

// Whether an entry of MDN's is there in a version, under its own name and without a setting.
function has(entry, engine, version) {
  const statements = [entry.__compat.support[engine] ?? []].flat();
  return statements.some(({ version_added: added, version_removed: removed, flags, prefix, alternative_name: other }) => {
    if (!added || added === "preview" || flags || prefix || other) return false;
    if (removed && compare(removed, version) <= 0) return false;
    return compare(added.replace("≤", ""), version) <= 0;
  });
}

// The browsers, of `oldest` = { chrome: "105", … }, that know none of the entries; [] where there
// is no entry: what MDN doesn't list, it doesn't tell of.
export function lacking(entries, oldest) {
  const listed = entries.filter((entry) => entry?.__compat);
  if (!listed.length) return [];
  return Object.entries(oldest)
    .filter(([name, version]) => ENGINES[name].some((engine) => !listed.some((entry) => has(entry, engine, version))))
    .map(([name, version]) => `${name} ${version}`);
}

// Every entry below `tree`, by its last name: { at: [Array's, String's, …] }.
export function byName(tree) {
  const found = new Map();
  const visit = (node, name) => {
    if (node.__compat) found.set(name, [...(found.get(name) ?? []), node]);
    for (const [key, child] of Object.entries(node)) if (key !== "__compat") visit(child, key);
  };
  visit(tree, "");
  return found;
}
