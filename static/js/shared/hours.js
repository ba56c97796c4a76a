// A team's working hours by the visitor's own clock: when it is back, and the moment that changes it.

import { text } from "./text.js";
import { clock, daysAgo, locale } from "./time.js";

const LONGEST = 2 ** 31 - 1;
let timer;

// What to show of a closed team; "" while it is open. again(team): the facts as they are at the
// end of this opening, or of this pause.
export function hoursLine(team, again, now = new Date(), timers = globalThis) {
  timers.clearTimeout(timer);
  const change = team.open ? team.closes_at : team.opens_at;
  const wait = new Date(change) - now;
  // A longer one fires at once; until then the next hello tells it again.
  if (change && wait < LONGEST) {
    const then = team.open ? { ...team, open: false, closes_at: null } : { ...team, open: true, opens_at: null };
    timer = timers.setTimeout(() => again(then), Math.max(0, wait));
  }
  if (team.open) return "";
  return team.opens_at ? text("closed_until", { time: moment(new Date(team.opens_at), now) }) : text("closed");
}

// A moment to come: today only its clock, then tomorrow, a day of the week, a date.
export function moment(date, now = new Date()) {
  const days = -daysAgo(date, now);
  if (days === 0) return clock(date);
  if (days === 1) return `${new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(1, "day")} ${clock(date)}`;
  const day = days < 7 ? { weekday: "long" } : { weekday: "long", month: "long", day: "numeric" };
  return new Intl.DateTimeFormat(locale(), { ...day, hour: "numeric", minute: "2-digit" }).format(date);
}
