// The enterprise's accent on the visitor's page, by the colours that the server reckoned. Through
// CSSOM: the policy allows no inline style, and a stylesheet of its own would be one more address
// to guard. Nothing is drawn before this, so it imports nothing: that would be fetched only after
// it, behind all that the page asked for meanwhile. Without JavaScript the page keeps the default
// accent.

const { style } = document.documentElement;
for (const scheme of ["light", "dark"]) {
  const colours = document.body.getAttribute(`data-accent-${scheme}`);
  if (!colours) continue;
  const [accent, on, ink] = colours.split(" ");
  style.setProperty(`--accent-${scheme}`, accent);
  style.setProperty(`--on-accent-${scheme}`, on);
  style.setProperty(`--accent-ink-${scheme}`, ink);
  document.querySelector(`meta[name="theme-color"][media*="${scheme}"]`)?.setAttribute("content", accent);
}
