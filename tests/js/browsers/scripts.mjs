// What a script asks of a browser, and what no supported one may lack.

import { acorn, byName, lacking, mdn, walk } from "./data.mjs";

const { api, javascript } = mdn;
const { builtins, classes, grammar, operators, regular_expressions: patterns, statements } = javascript;
const MEMBERS = byName({ api, builtins });
// The globals of a page besides interfaces: structuredClone, fetch, requestIdleCallback.
const GLOBALS = { ...api.Window, ...api };

// Syntax by the name of its node; whatever is newer than 2022 the parser refuses.
const SYNTAX = {
  AwaitExpression: () => [operators.await],
  ChainExpression: () => [operators.optional_chaining],
  ImportExpression: () => [operators.import],
  MetaProperty: ({ meta }) => [meta.name === "import" ? operators.import_meta : operators["new_target"]],
  PropertyDefinition: ({ key, static: fixed }) => [
    key.type === "PrivateIdentifier" ? classes.private_class_fields : fixed ? classes.static.class_fields : classes.public_class_fields,
  ],
  MethodDefinition: ({ key }) => (key.type === "PrivateIdentifier" ? [classes.private_class_methods] : []),
  BinaryExpression: ({ left }) => (left.type === "PrivateIdentifier" ? [classes.private_class_fields_in] : []),
  StaticBlock: () => [classes.static.initialization_blocks ?? classes.static_initialization_blocks],
  LogicalExpression: ({ operator }) => (operator === "??" ? [operators.nullish_coalescing] : []),
  AssignmentExpression: ({ operator }) =>
    [{ "??=": operators.nullish_coalescing_assignment, "||=": operators.logical_or_assignment, "&&=": operators.logical_and_assignment }[operator]],
  ForOfStatement: ({ await: waits }) => (waits ? [statements.for_await_of] : []),
  Literal: ({ regex, raw }) => (regex ? inPattern(regex) : /^\d[\d.]*_/.test(raw) ? [grammar.numeric_separators] : []),
};

function* inPattern({ pattern, flags }) {
  if (/\(\?<[=!]/.test(pattern)) yield patterns.lookbehind_assertion;
  if (/\(\?<\w/.test(pattern)) yield patterns.named_capturing_group;
  if (/\\[pP]\{/.test(pattern)) yield patterns.unicode_character_class_escape;
  if (/\(\?-?[ims]/.test(pattern)) yield patterns.modifier;
  if (flags.includes("d")) yield builtins.RegExp.hasIndices;
  if (flags.includes("v")) yield builtins.RegExp.unicodeSets;
}

// What is asked for, as { line, what, lacks: ["chrome 90", …] }. A name counts as asked for where it is
// called, read or constructed; not where the file first looks whether it is there, and not where
// it is set, which harms none that doesn't know it. `own`: names that the project gives itself.
export function scriptFaults(text, oldest, own = ownNames([text])) {
  const tree = acorn.parse(text, { ecmaVersion: 2022, sourceType: "module", locations: true });
  const faults = [];
  const ask = (node, what, entries) => {
    const lacks = lacking(entries, oldest);
    if (lacks.length) faults.push({ line: node.loc.start.line, what, lacks });
  };
  const declared = declaredIn(tree);
  const looked = lookedFor(tree);
  walk.fullAncestor(tree, (node, _, ancestors) => {
    const parent = ancestors.at(-2);
    for (const entry of SYNTAX[node.type]?.(node) ?? []) if (entry) ask(node, `syntax: ${node.type}`, [entry]);
    if (node.type === "Identifier" && !declared.has(node.name) && !looked.has(node.name)) {
      const { [node.name]: one } = GLOBALS;
      const made = parent.type === "NewExpression" && parent.callee === node;
      ask(node, node.name, [made ? (one?.[node.name] ?? one) : one, builtins[node.name]]);
    }
    if (node.type === "MemberExpression" && !node.computed && !isSet(node, parent)) {
      const { object, optional, property: { name } } = node;
      if (looked.has(name) || optional) return;
      const isGlobal = object.type === "Identifier" && !declared.has(object.name);
      const holder = isGlobal && (builtins[object.name] ?? api[object.name]);
      const exact = holder && [holder[name], holder[`${name}_static`]].filter(Boolean);
      if (exact?.length) ask(node, `${object.name}.${name}`, exact);
      else if (!own[isCalled(node, parent) ? "methods" : "names"].has(name)) ask(node, `.${name}`, [...(MEMBERS.get(name) ?? []), ...(MEMBERS.get(`${name}_static`) ?? [])]);
    }
  });
  return faults;
}

const isCalled = (node, parent) => parent.type === "CallExpression" && parent.callee === node;
const isSet = (node, parent) => parent.type === "AssignmentExpression" && parent.left === node;

// What a file declares: variables, parameters, functions, classes, imports. One name has one meaning
// in a file, or this would have to know scopes.
function declaredIn(tree) {
  const names = new Set(["arguments"]);
  const pattern = (node) => {
    if (!node) return;
    if (node.type === "Identifier") names.add(node.name);
    if (node.type === "AssignmentPattern") pattern(node.left);
    if (node.type === "RestElement") pattern(node.argument);
    if (node.type === "ArrayPattern") node.elements.forEach(pattern);
    if (node.type === "ObjectPattern") node.properties.forEach((one) => pattern(one.value ?? one));
  };
  walk.full(tree, (node) => {
    if (node.type === "VariableDeclarator") pattern(node.id);
    if (/Function|Class/.test(node.type)) pattern(node.id);
    node.params?.forEach?.(pattern);
    if (node.type === "CatchClause") pattern(node.param);
    if (/^Import.*Specifier$/.test(node.type)) names.add(node.local.name);
  });
  return names;
}

// The names whose presence a file looks for: a?.b?.(), "b" in a, typeof b, if (a.b), a.b ?? c, a.b && c.
function lookedFor(tree) {
  const names = new Set();
  const look = (node) => {
    if (node?.type === "MemberExpression" && !node.computed) names.add(node.property.name);
    if (node?.type === "Identifier") names.add(node.name);
    if (node?.type === "ChainExpression") look(node.expression);
    if (node?.type === "UnaryExpression") look(node.argument);
    if (node?.type === "LogicalExpression") [node.left, node.right].forEach(look);
  };
  walk.full(tree, (node) => {
    if (node.type === "LogicalExpression") look(node.left);
    if (node.type === "IfStatement" || node.type === "ConditionalExpression") look(node.test);
    if (node.type === "UnaryExpression" && node.operator === "typeof") look(node.argument);
    if (node.type === "BinaryExpression" && node.operator === "in") {
      names.add(node.left.value);
      if (node.right.type === "MemberExpression") look(node.right.object);
    }
    if (node.type === "CallExpression" && node.optional) look(node.callee);
    if (node.type === "MemberExpression" && node.optional) look(node.object);
  });
  return names;
}

// What the texts define themselves: names of all kinds, and those of methods and functions among them.
export function ownNames(texts) {
  const names = new Set();
  const methods = new Set();
  const add = (key, value) => {
    names.add(key.name ?? key.value);
    if (/Function|Identifier|MemberExpression/.test(value?.type)) methods.add(key.name ?? key.value);
  };
  for (const text of texts) {
    walk.full(acorn.parse(text, { ecmaVersion: 2022, sourceType: "module" }), (node) => {
      if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(node.type) && !node.computed) add(node.key, node.value);
      const { left, right } = node;
      if (node.type === "AssignmentExpression" && left.object?.type === "ThisExpression") add(left.property, right);
    });
  }
  return { names, methods };
}
