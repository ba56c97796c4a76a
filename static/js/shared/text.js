// Texts for people come from the page's <template> elements, so they are translated with it.

const texts = new Map();
let plurals;

export function load(document) {
  for (const holder of document.querySelectorAll("template:is(#texts, #page-texts, #alert-texts)")) {
    for (const entry of holder.content.querySelectorAll("[data-key]")) {
      texts.set(entry.dataset.key, entry.textContent);
    }
  }
  plurals = new Intl.PluralRules(document.documentElement.lang || "en");
}

export const has = (key) => texts.has(key);

// The text of `key` with {name} filled in from `values`; the key itself where none is known.
export function text(key, values = {}) {
  return fill(texts.get(key) ?? key, values);
}

// One pass, so that a name which itself holds braces stays what it is.
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (Object.keys(values).includes(name) ? String(values[name]) : whole));
}

// `key_one`, `key_other` … by the language's own rule for `n`.
export function plural(key, n, values = {}) {
  const form = `${key}_${plurals.select(n)}`;
  return text(texts.has(form) ? form : `${key}_other`, { n, ...values });
}
