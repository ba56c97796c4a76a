// What deserves an alert, and how loud. Nothing here touches the page.

// What happened, and whom it calls when it was not their own doing.
const HANDED = new Set(["transferred", "invited"]);
const FREE = new Set(["moved", "expired", "back"]);

// The kind of a message: unclaimed, mine, others or mention; null for what nobody waits for.
// row: how its conversation stands in the inbox.
export function kindOf(message, row, me) {
  const { kind, sender, data, mentions, question } = message;
  if (kind === "notice") return kindOfNotice(data ?? {}, row, me);
  // A quick question and its answer, which nobody sent, need nobody.
  if (sender === me || !sender || question) return null;
  if (mentions?.includes(me)) return "mention";
  if (row.claimed_by === me) return "mine";
  return !row.claimed_by && sender === row.visitor ? "unclaimed" : "others";
}

// A conversation that was handed to me; one that a colleague or a snooze gave back to all.
function kindOfNotice({ event, member, by, why }, row, me) {
  if (HANDED.has(event)) return member === me && by !== me ? "mine" : null;
  // What its visitor brings back is told by their message.
  if (!FREE.has(event) || by === me || why) return null;
  if (row.claimed_by) return row.claimed_by === me ? "mine" : null;
  return row.waiting_since || event === "back" ? "unclaimed" : null;
}

// Whether `now` lies in the quiet hours, which may go past midnight.
export function isQuiet(quiet, now) {
  if (!quiet) return false;
  const at = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  const { from, to } = quiet;
  return from < to ? from <= at && at < to : from <= at || at < to;
}

// How to tell it: sound, desktop, dot. A mention counts whatever was muted; at night without noise.
export function waysOf(kind, { sound, desktop, quiet }, now) {
  const mention = kind === "mention";
  const still = isQuiet(quiet, now);
  const [heard, seen] = [sound, desktop].map((kinds) => mention || kinds.includes(kind));
  return { sound: heard && !still, desktop: seen && (mention || !still), dot: heard || seen };
}
