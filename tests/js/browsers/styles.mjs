// What a style sheet asks of a browser, and what no supported one may lack.

import { byName, cssTree, lacking, mdn } from "./data.mjs";

const { "at-rules": atRules, properties, selectors, types } = mdn.css;
const FUNCTIONS = byName(types);
const VIEWPORT = { d: "dynamic", s: "small", l: "large" };

function unitOf(unit) {
  const { length } = types;
  if (length[unit]) return length[unit];
  const size = /^([dsl])v(w|h|i|b|min|max)$/.exec(unit);
  if (size) return length[`viewport_percentage_units_${VIEWPORT[size[1]]}`];
  return /^cq/.test(unit) ? length.container_query_length_units : undefined;
}

// What is asked for, as { line, what, lacks: ["chrome 105", …] }. What stands in @supports, or after a
// value of the same property that every browser has, or after it with a maker's prefix, harms none that
// doesn't know it.
export function styleFaults(text, oldest) {
  const faults = [];
  const tree = cssTree.parse(text, { positions: true, parseValue: true, parseCustomProperty: true });
  const ask = (node, what, ...entries) => {
    const lacks = lacking(entries, oldest);
    if (lacks.length) faults.push({ line: node.loc.start.line, what, lacks });
    return lacks.length;
  };
  const stack = [];
  cssTree.walk(tree, {
    enter(node) {
      stack.push(node);
      const guarded = stack.some((one) => one.type === "Atrule" && one.name === "supports");
      if (guarded && node.type !== "Atrule") return;
      if (node.type === "Atrule") ask(node, `@${node.name}`, atRules[node.name]);
      if (node.type === "Feature") ask(node, `@media (${node.name})`, atRules.media[node.name]);
      if (node.type === "FeatureRange") ask(node, "@media (a < b)", atRules.media.range_syntax);
      if (node.type === "PseudoClassSelector") ask(node, `:${node.name}`, selectors[node.name]);
      // With a maker's prefix it is meant for one browser.
      if (node.type === "PseudoElementSelector" && !node.name.startsWith("-")) ask(node, `::${node.name}`, selectors[node.name]);
      // What the parser takes for no declaration is a rule within a rule.
      if (node.type === "Raw" && stack.at(-2).type === "Block") ask(node, "nesting", selectors.nesting);
      if (node.type === "NestingSelector") ask(node, "nesting", selectors.nesting);
      if (node.type === "Rule" && stack.slice(0, -1).some((one) => one.type === "Rule")) ask(node, "nesting", selectors.nesting);
      if (node.type === "Declaration") declared(node, ask, faults, stack);
    },
    leave: () => stack.pop(),
  });
  return faults;
}

function declared(node, ask, faults, stack) {
  const { property, value } = node;
  const known = properties[property];
  const before = faults.length;
  let filled = false;
  if (!property.startsWith("--")) ask(node, property, known);
  cssTree.walk(value, (part) => {
    if (part.type === "Identifier") ask(node, `${property}: ${part.name}`, known?.[part.name]);
    if (part.name === "var") filled = true;
    if (part.type === "Operator" && property === "content") ask(node, "content: … / …", known.alt_text);
    if (part.type === "Function") ask(node, `${property}: ${part.name}()`, ...(FUNCTIONS.get(part.name) ?? []), known?.[part.name]);
    if (part.type === "Dimension") ask(node, part.unit, unitOf(part.unit));
  });
  // An earlier declaration of the same property, in which nothing is lacking, is there for the others;
  // not where this one has a variable in it: it overrules the other before anybody looks at it.
  const fine = (stack.at(-2).fine ??= new Set());
  const twin = [`-webkit-${property}`, `-moz-${property}`].some((name) => fine.has(name));
  if (faults.length === before) fine.add(property);
  else if (twin || (!filled && fine.has(property))) faults.length = before;
}
