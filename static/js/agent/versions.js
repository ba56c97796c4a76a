// Filters out old facts of conversations. Facts arrive from several processes and by answers, so an
// older one may come after a newer one. Each carries a version number; a fact that is older than
// the known one of the same name is dropped or replaced.

const VERSIONED = new Set([
  "open",
  "claimed_by",
  "claimed_name",
  "bot",
  "bot_name",
  "team",
  "team_name",
  "group_name",
  "target",
  "waiting_since",
  "due_at",
  "rating",
  "snoozed_until",
  "tags",
  "quarantined",
  "members",
  "window",
]);

// The number of conversations to remember. Events of one conversation overtake each other only
// within seconds, so those that changed longest ago are forgotten.
export const KEPT = 500;

export class Versions {
  constructor() {
    // Group → name of a fact → {version, value}; the group that changed last is the last.
    this.known = new Map();
  }

  // The facts that became true at `version`, without the old ones. Without a version all are
  // returned.
  newer(group, version, facts) {
    if (version === undefined) return facts;
    return Object.fromEntries(
      Object.entries(facts).filter(([name, value]) => !VERSIONED.has(name) || this.accept(group, name, version, value)),
    );
  }

  // The same with the known values in place of the old ones: for an answer by HTTP, which may have
  // been read before something that was pushed meanwhile.
  newest(group, version, facts) {
    const newer = this.newer(group, version, facts);
    const known = Object.keys(facts).filter((name) => !(name in newer));
    return { ...newer, ...Object.fromEntries(known.map((name) => [name, this.known.get(group).get(name).value])) };
  }

  // Whether the agent took or gave up the seat later than what is known.
  seat(group, version) {
    return version === undefined || this.accept(group, "seat", version);
  }

  accept(group, name, version, value) {
    const facts = this.known.get(group) ?? new Map();
    if (version < (facts.get(name)?.version ?? 0)) return false;
    facts.set(name, { version, value });
    this.known.delete(group);
    this.known.set(group, facts);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
    return true;
  }
}
