// The enterprise's accent on the visitor's page. Through CSSOM: the policy allows no inline
// style, and a stylesheet of its own would be one more request and one more address to guard.
// Without JavaScript the page keeps the default accent.

import { accentColours } from "./colour.js";

const style = document.documentElement.style;
for (const scheme of ["light", "dark"]) {
  const colours = accentColours(document.body.dataset.accent, scheme);
  if (!colours) continue;
  style.setProperty(`--accent-${scheme}`, colours.accent);
  style.setProperty(`--on-accent-${scheme}`, colours.on);
  style.setProperty(`--accent-ink-${scheme}`, colours.ink);
  document.querySelector(`meta[name="theme-color"][media*="${scheme}"]`)?.setAttribute("content", colours.accent);
}
