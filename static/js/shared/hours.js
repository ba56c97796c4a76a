// A team's opening hours by the reader's clock: when it opens again, and a timer for the next
// change.

import { text } from "./text.js";
import { clock, daysAgo, locale } from "./time.js";

// Milliseconds of a timer.
export const LONGEST = 2 ** 31 - 1;
let timer;

// The line for a closed team; "" while it is open. again(team): called at the next change with the
// facts as they are then.
export function hoursLine(team, again, now = new Date(), timers = globalThis) {
  timers.clearTimeout(timer);
  const change = team.open ? team.closes_at : team.opens_at;
  const wait = new Date(change) - now;
  // A longer timer would fire at once; the next hello sets it again.
  if (change && wait < LONGEST) {
    const then = team.open ? { ...team, open: false, closes_at: null } : { ...team, open: true, opens_at: null };
    timer = timers.setTimeout(() => again(then), Math.max(0, wait));
  }
  if (team.open) return "";
  return team.opens_at ? text("closed_until", { time: coming(new Date(team.opens_at), now) }) : text("closed");
}

// A time to come: today only the clock, then tomorrow, a day of the week, a date.
export function moment(date, now = new Date()) {
  return daysAgo(date, now) === 0 ? clock(date) : coming(date, now);
}

// The same in a sentence: today is named, too.
export function coming(date, now = new Date()) {
  const days = -daysAgo(date, now);
  const hour = clock(date).replace(/^0(?=\d)/, "");
  if (days === 0 || days === 1) return `${new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(days, "day")} ${hour}`;
  if (days < 7) return `${new Intl.DateTimeFormat(locale(), { weekday: "short" }).format(date)} ${hour}`;
  const day = { weekday: "long", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale(), day).format(date);
}
