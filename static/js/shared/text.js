// The texts for people. They are in the page's <template> elements, so that they are translated
// with it.

const texts = new Map();
let plurals;

export function load(document) {
  for (const holder of document.querySelectorAll('template[id$="texts"]')) {
    for (const entry of holder.content.querySelectorAll("[data-key]")) {
      texts.set(entry.dataset.key, entry.textContent);
    }
  }
  plurals = new Intl.PluralRules(document.documentElement.lang || "en");
}

export const has = (key) => texts.has(key);

// The text of `key` with each {name} replaced from `values`; the key itself if there is none.
export function text(key, values = {}) {
  return fill(texts.get(key) ?? key, values);
}

// One pass, so that a value that contains braces stays as it is.
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (Object.keys(values).includes(name) ? String(values[name]) : whole));
}

// Puts a space behind each {name} whose value ends in a letter or digit where a Chinese word
// follows: "访客 3414 您好".
export function spaced(pattern, values) {
  return pattern.replace(/\{\w+\}(?=\p{Script=Han})/gu, (name) => (/[\p{Script=Latin}\d]$/u.test(fill(name, values)) ? `${name} ` : name));
}

// The text of `key_one`, `key_other` and so on, by the language's plural rule for `n`.
export function plural(key, n, values = {}) {
  const form = `${key}_${plurals.select(n)}`;
  return text(texts.has(form) ? form : `${key}_other`, { n, ...values });
}
