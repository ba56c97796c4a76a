// Lengths of time in words, for agents: visitors load none of it.

import { locale, spaced } from "./time.js";

// How long somebody has waited, for a live counter: seconds at first, in few letters.
export function waited(milliseconds) {
  if (milliseconds >= 60_000) return duration(milliseconds, "narrow");
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return spaced(new Intl.NumberFormat(locale(), { style: "unit", unit: "second", unitDisplay: "narrow" }).format(seconds));
}

// How near an answer is to the team's target in seconds, this many milliseconds before it ends: ok,
// soon (from half of the target on) or late.
export function waitLevel(left, target) {
  if (left <= 0) return "late";
  return left * 2 <= target * 1000 ? "soon" : "ok";
}

// The time within which something is due: begun minutes, from an hour on whole hours.
export const within = (milliseconds) => duration(Math.ceil(milliseconds / 60_000) * 60_000);

// How long ago as a clock: 3:07, or 1:03:07.
export function elapsed(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first, ...rest] = parts[0] ? parts : parts.slice(1);
  return [first, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}

// How long somebody has waited, in the largest whole unit; at least one minute.
export function duration(milliseconds, unitDisplay = "short") {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
  const [value, unit] =
    minutes < 60 ? [minutes, "minute"] : minutes < 1440 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
  return spaced(new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay }).format(value));
}
