// The times until which a conversation can be snoozed, in the reader's time zone.

import { moment } from "../../shared/hours.js";
import { capital, clock, locale } from "../../shared/time.js";

const MORNING = 9;
const EVENING = 18;
const MINUTE = 60_000;
export const LONGEST = 366 * 24 * 60;

// Whole minutes from `now` to `at`, or null where that is no time to snooze until.
export function minutesUntil(at, now = new Date()) {
  const minutes = Math.round((at - now) / MINUTE);
  return minutes >= 1 && minutes <= LONGEST ? minutes : null;
}

// given: [minutes, name] of the lengths that templates/chat/thread/_actions.html offers. Returns
// [{name, until, minutes}] in order of time: `until` is when the conversation comes back.
export function snoozeTimes(given, now = new Date()) {
  const lengths = given.map(([minutes, name]) => ({ minutes, name, until: moment(new Date(now.getTime() + minutes * MINUTE), now) }));
  const day = (days, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const evening = day(0, EVENING);
  const monday = (8 - now.getDay()) % 7 || 7;
  const moments = [[day(1, MORNING), relativeDay(1)], ...(monday > 1 ? [[day(monday, MORNING), weekday(day(monday, MORNING))]] : [])];
  if (evening - now > 60 * MINUTE) moments.unshift([evening, relativeDay(0)]);
  const named = moments.map(([at, name]) => ({ minutes: minutesUntil(at, now), name, until: clock(at).replace(/^0/, "") }));
  return [...lengths, ...named].sort((one, other) => one.minutes - other.minutes);
}

const relativeDay = (days) => capital(new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(days, "day"));
const weekday = (date) => new Intl.DateTimeFormat(locale(), { weekday: "long" }).format(date);
