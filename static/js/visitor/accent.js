// Sets the enterprise's accent on the visitor's page, with colours that the server computed. It
// uses CSSOM, since the policy allows no inline style and a stylesheet would be one more address to
// protect. Nothing is drawn before this script, so it imports nothing: an import would be fetched
// after everything else the page asked for. Without JavaScript the page keeps the default accent.

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
