// Formats times in the reader's time zone and language. `now` is a parameter where it matters.

const DAY = 86_400_000;
const formats = new Map();

// The browser's variant of the page's language (en-GB on an English page), for its clock.
export function locale() {
  const page = globalThis.document?.documentElement.lang || "en";
  const own = globalThis.navigator?.languages ?? [];
  return own.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? page;
}

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key);
}

export const clock = (date) => format({ hour: "numeric", minute: "2-digit" }).format(date);
export const full = (date) => format({ dateStyle: "long", timeStyle: "short" }).format(date);

// The nearest whole minute: a snooze until nine is a number of minutes that ends some seconds before
// or after it.
export const toMinute = (date) => new Date(Math.round(date / 60_000) * 60_000);

export function dayKey(date) {
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

// The number of calendar days between two times in the reader's zone.
export function daysAgo(date, now) {
  const midnight = (at) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return Math.round((midnight(now) - midnight(date)) / DAY);
}

export const capital = (word) => word.charAt(0).toLocaleUpperCase(locale()) + word.slice(1);

export function dayLabel(date, now = new Date()) {
  const days = daysAgo(date, now);
  if (days === 0 || days === 1) {
    const word = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-days, "day");
    return capital(word);
  }
  if (days > 1 && days < 7) return format({ weekday: "long", month: "long", day: "numeric" }).format(date);
  return format({ year: "numeric", month: "long", day: "numeric" }).format(date);
}

// How long ago: "3 minutes ago", "now" within the first minute.
export function ago(date, now = Date.now()) {
  const seconds = Math.round((now - date) / 1000);
  const [value, unit] = seconds < 60 ? [0, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : seconds < 86_400 ? [seconds / 3600, "hour"] : [seconds / 86_400, "day"];
  return spaced(new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(value), unit));
}

// Puts a space between a number and a Chinese unit, as in all other texts.
function spaced(words) {
  return words.replace(/(\d)(?=\p{Script=Han})/gu, "$1 ");
}

// A short time for lists: the clock today, then yesterday, then the date.
export function short(date, now = new Date()) {
  const days = daysAgo(date, now);
  if (days === 0) return clock(date);
  if (days === 1) return dayLabel(date, now);
  if (date.getFullYear() === now.getFullYear()) return format({ month: "short", day: "numeric" }).format(date);
  return format({ year: "numeric", month: "numeric", day: "numeric" }).format(date);
}

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
