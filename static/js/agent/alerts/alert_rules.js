// Decides which messages need an alert, and of what kind. Nothing here touches the page.

// The notices by which a conversation is handed to an agent, and those by which it becomes free.
const HANDED = new Set(["transferred", "invited", "assigned"]);
const FREE = new Set(["moved", "expired", "back", "handed_over"]);

// The kind of a message: unclaimed, mine, others or mention; null where no alert is needed. row:
// the conversation's row in the inbox. An offer is a kind of its own. Where a team's conversations
// are routed to one agent, its unclaimed ones are left to that agent.
export function kindOf(message, row, me) {
  const { kind, sender, sender_role: role, data, mentions, question } = message;
  if (kind === "offer") return kind;
  if (kind === "notice") return kindOfNotice(data ?? {}, row, me);
  // A quick question and its automatic answer need nobody.
  if (sender === me || !sender || question) return null;
  if (mentions?.includes(me)) return "mention";
  // A bot answers.
  if (role === "bot" || row.bot) return "others";
  if (row.claimed_by === me) return "mine";
  const free = !row.claimed_by && sender === row.visitor;
  return free && !isRouted(row) ? "unclaimed" : "others";
}

const isRouted = ({ routing = "everyone" }) => routing !== "everyone";

// The kind of a notice: a conversation was handed to this agent, or became free.
function kindOfNotice({ event, member, members, leaders, by, why }, row, me) {
  if (HANDED.has(event)) return member === me && by !== me ? "mine" : null;
  if (event === "overdue") return leaders?.includes(me) ? "mention" : null;
  if (event === "overflowed") return members?.includes(me) && !row.claimed_by ? "unclaimed" : null;
  // When a visitor ends a snooze by writing, the message itself raises the alert.
  if (!FREE.has(event) || by === me || (event === "back" && why === "visitor")) return null;
  if (row.claimed_by) return row.claimed_by === me ? "mine" : null;
  return (row.waiting_since || event === "back") && !isRouted(row) ? "unclaimed" : null;
}

// Whether `now` is in the quiet hours, which may span midnight.
export function isQuiet(quiet, now) {
  if (!quiet) return false;
  const at = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  const { from, to } = quiet;
  return from < to ? from <= at && at < to : from <= at || at < to;
}

// Which alerts to give: sound, desktop, dot. A mention and an offer alert whatever is muted; quiet
// hours only silence them.
export function waysOf(kind, { sound, desktop, quiet }, now) {
  const always = kind === "mention" || kind === "offer";
  const still = isQuiet(quiet, now);
  const [heard, seen] = [sound, desktop].map((kinds) => always || kinds.includes(kind));
  return { sound: heard && !still, desktop: seen && (always || !still), dot: heard || seen };
}
