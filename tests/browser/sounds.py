"""The sounds that a page plays, noted instead of heard."""

EARS = """
window.told = [];
window.notes = 0;
const { Notification: Real, AudioContext: Sounding } = window;
window.Notification = class extends Real {
  static permission = "granted"; // Chromium without windows grants none.
  constructor(title, options) { super(title, options); window.told.push([title, options.body]); }
};
const tone = Sounding.prototype.createOscillator;
Sounding.prototype.createOscillator = function () { window.notes += 1; return tone.call(this); };
window.away = true;
document.hasFocus = () => !window.away;
"""
"""What a window showed and sounded; and nobody is at it, until a test says so."""


UNTOUCHED = 'Object.defineProperty(navigator, "userActivation", {value: {hasBeenActive: false}})'
"""A page that nobody has touched; whatever a test asks of it counts as a touch for the browser."""


ALLOWED = {"permissions": ["notifications"]}


def sounds(pages) -> list[int]:
    """How many notes each window played since the last time."""
    return [page.evaluate("(() => { const n = notes; notes = 0; return n; })()") for page in pages]
