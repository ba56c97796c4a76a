// An enterprise's accent, corrected until text on it and text in it can be read: 4.5:1 (WCAG AA).

const WHITE = [255, 255, 255];
const INK = [6, 10, 18];
const GROUND = { light: [245, 247, 249], dark: [36, 42, 53] };
const READABLE = 4.5;
const DISTINCT = 3;

export function parse(hex) {
  const digits = /^#([0-9a-f]{6})$/i.exec(hex ?? "")?.[1];
  return digits ? [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) : null;
}

export const toHex = (rgb) => "#" + rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");

function luminance(rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const share = Math.round(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

// `rgb` moved towards `aim` in small steps until it stands out from `against` by `ratio`.
function until(rgb, aim, against, ratio) {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = rgb.map((part, at) => part + (aim[at] - part) * share);
    if (contrast(mixed, against) >= ratio) return mixed;
  }
  return aim;
}

// The colours for "light" or "dark": the accent as a ground, what is written on it, and the
// accent as ink on paper. Null for what is no colour.
export function accentColours(hex, scheme) {
  const given = parse(hex);
  if (!given) return null;
  const towards = scheme === "dark" ? WHITE : INK;
  const ground = scheme === "dark" ? until(given, WHITE, GROUND.dark, DISTINCT) : given;
  // White is expected on a strong colour and costs it little; a pale one carries ink instead.
  const on = contrast(ground, WHITE) >= DISTINCT ? WHITE : INK;
  const accent = until(ground, on === WHITE ? INK : WHITE, on, READABLE);
  return {
    accent: toHex(accent),
    on: toHex(on),
    ink: toHex(until(given, towards, GROUND[scheme], READABLE)),
  };
}
