// Working hours as the text fields of a team's form have them (accounts/forms/hours.py), and as the
// inputs of the week editor have them: [from, until] as "HH:MM", holidays as rows.

const SPAN = /^(?:(\d{1,2})(?::(\d{2}))?)?\s*[-–—~]\s*(?:(\d{1,2})(?::(\d{2}))?)?$/;
const HOLIDAY = /^(\+?)\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:\s*\.\.\s*(\d{4})-(\d{1,2})-(\d{1,2}))?(?:\s+(.*))?$/;
const DAY = 86_400_000;

const two = (number) => String(number).padStart(2, "0");
const plain = (text) => text.normalize("NFKC");

// "9:00-12:00, 22:00-24:00" as [["09:00", "12:00"], ["22:00", "00:00"]]; null for what an input
// cannot show. An input knows no 24:00: until midnight is until 00:00. What is not complete, and what
// the server refuses, is shown as it is, to be mended where it was written.
export function parseSpans(text) {
  const spans = [];
  for (const part of plain(text).split(/[,;、]/)) {
    if (!part.trim()) continue;
    const found = SPAN.exec(part.trim());
    if (!found) return null;
    const [hour, minute, toHour, toMinute] = found.slice(1).map((number) => Number(number ?? 0));
    const whole = toHour === 24 && toMinute === 0;
    const [from, until] = [found[1] !== undefined, found[3] !== undefined];
    if (hour > 23 || minute > 59 || toMinute > 59 || (toHour > 23 && !whole)) return null;
    const end = whole ? "00:00" : `${two(toHour)}:${two(toMinute)}`;
    spans.push([from ? `${two(hour)}:${two(minute)}` : "", until ? end : ""]);
  }
  return spans;
}

// The other way round. A span that is not complete stays in the text, where the server refuses it:
// nothing is lost without a word.
export function formatSpans(spans) {
  return spans
    .filter(([from, until]) => from || until)
    .map(([from, until]) => `${short(from)}-${until === "00:00" ? "24:00" : short(until)}`)
    .join(", ");
}

const short = (time) => time.replace(/^0(?=\d)/, "");

// Whether a span ends on the day after it begins.
export const isOverMidnight = ([from, until]) => Boolean(from && until && until !== "00:00" && until < from);

// The lines of holidays as [{first, last, name, worked}]; days in a row of the same name are one.
// null for what inputs cannot show.
export function parseHolidays(text) {
  const rows = [];
  for (const line of plain(text).split("\n")) {
    if (!line.trim()) continue;
    const found = HOLIDAY.exec(line.trim());
    if (!found && !/\d/.test(line)) {
      // A name without a day: the server refuses it.
      rows.push({ first: "", last: "", name: line.trim().replace(/^\+/, ""), worked: line.trim()[0] === "+" });
      continue;
    }
    const first = found && isoDay(found.slice(2, 5));
    const last = found?.[5] ? isoDay(found.slice(5, 8)) : first;
    if (!first || !last) return null;
    const [worked, name] = [found[1] === "+", (found[8] ?? "").trim()];
    const before = rows[rows.length - 1];
    const goesOn = before && before.name === name && before.worked === worked && dayAfter(before.last) === first;
    if (goesOn) before.last = last;
    else rows.push({ first, last, name, worked });
  }
  return rows;
}

export function formatHolidays(rows) {
  return rows
    .filter(({ first, last, name }) => first || last || name.trim())
    .map(({ first, last, name, worked }) => {
      const days = last && last !== first ? `${first}..${last}` : first;
      const line = `${days} ${name.trim()}`.trim();
      return worked ? `+${line}` : line;
    })
    .join("\n");
}

// A date that the calendar has, as "2026-10-01"; "" for others.
function isoDay([year, month, day]) {
  const text = `${year}-${two(month)}-${two(day)}`;
  const found = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(found.getTime()) && found.toISOString().startsWith(text) ? text : "";
}

const dayAfter = (day) => new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
