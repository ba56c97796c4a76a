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
// A day that is the same in every zone, as "2026-11-30".
export const day = (text) => format({ dateStyle: "long", timeZone: "UTC" }).format(new Date(text));
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

// A time with its day, in the reader's zone.
export function dated(date, now = new Date()) {
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return format({ year, month: "long", day: "numeric", hour: "numeric", minute: "2-digit" }).format(date);
}

// How long ago: "3 minutes ago", "now" within the first minute.
export function ago(date, now = Date.now()) {
  const seconds = Math.round((now - date) / 1000);
  /** @type {[number, Intl.RelativeTimeFormatUnit]} */
  const [value, unit] = seconds < 60 ? [0, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : seconds < 86_400 ? [seconds / 3600, "hour"] : [seconds / 86_400, "day"];
  return spaced(new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(value), unit));
}

// Puts a space between a number and a Chinese unit, as in all other texts.
export function spaced(words) {
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
