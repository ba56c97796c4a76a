// The values of the visitor's attributes in the panel, and in the form that changes them.

import { day } from "../../shared/time.js";

const elements = (panel) => [...panel.querySelectorAll("[data-attribute]")];

// What the server rendered.
export const read = (panel) => Object.fromEntries(elements(panel).map((one) => [one.dataset.attribute, one.dataset.value]));

// Values in an order, to be compared. What the server rendered has "" for a value that is not there,
// and every value as a text.
export const listed = (values) =>
  Object.entries(values ?? {})
    .filter(([_key, value]) => value !== "")
    .map(([key, value]) => [key, String(value)])
    .sort();

// A value as people read it, as the server's pages have it (in_words of chat/customers/attributes.py):
// one that is older than the attribute's kind, or masked, as it is.
export function inWords(kind, value) {
  if (kind === "number" && String(Number(value)) === value) return new Intl.NumberFormat("en", { maximumFractionDigits: 20 }).format(Number(value));
  if (kind === "date" && new Date(value).toJSON()?.slice(0, 10) === value) return day(value);
  return value;
}

export function draw(panel, values) {
  for (const element of elements(panel)) {
    const value = String(values?.[element.dataset.attribute] ?? "");
    element.dataset.value = value;
    element.textContent = inWords(element.dataset.kind, value);
    // What is masked is no address any more.
    if (element.matches("a")) element.toggleAttribute("href", /^https?:/.test(value));
    if (element.hasAttribute("href")) element.href = value;
    element.closest("div").hidden = !value;
  }
}

export function fill(panel, form) {
  for (const [key, value] of Object.entries(read(panel))) {
    const entry = form.elements[`attributes.${key}`];
    if (!entry) continue;
    entry.value = entry.defaultValue = entry.dataset.before = value;
    for (const option of entry.options ?? []) option.defaultSelected = option.value === value;
  }
}
