// Facts of conversations arrive from several processes and by answers, so an older one may come
// after a newer one. Each carries the number it belongs to; what is older than what is known of
// the same field is left out, or stands back behind it.

const VERSIONED = new Set([
  "open",
  "claimed_by",
  "claimed_name",
  "team",
  "team_name",
  "target",
  "waiting_since",
  "rating",
  "snoozed_until",
  "tags",
  "held",
  "members",
]);

// Two events of one conversation cross within seconds: what is known of those that said nothing
// for longest decides nothing any more.
export const KEPT = 500;

export class Versions {
  constructor() {
    // Group → name of a fact → {version, value}; the group that last told something is the last.
    this.known = new Map();
  }

  // Of the facts that became true at `version` those that are not old; all of them where none is
  // told.
  newer(group, version, facts) {
    if (version === undefined) return facts;
    return Object.fromEntries(
      Object.entries(facts).filter(([name, value]) => !VERSIONED.has(name) || this.take(group, name, version, value)),
    );
  }

  // The same, with what is known in the place of what is old: for an answer by HTTP, which may have
  // been read before something that was pushed meanwhile.
  newest(group, version, facts) {
    const newer = this.newer(group, version, facts);
    const known = Object.keys(facts).filter((name) => !(name in newer));
    return { ...newer, ...Object.fromEntries(known.map((name) => [name, this.known.get(group).get(name).value])) };
  }

  // Whether one gave a seat up, or took one, later than what is known.
  seat(group, version) {
    return version === undefined || this.take(group, "seat", version);
  }

  take(group, name, version, value) {
    const facts = this.known.get(group) ?? new Map();
    if (version < (facts.get(name)?.version ?? 0)) return false;
    facts.set(name, { version, value });
    this.known.delete(group);
    this.known.set(group, facts);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
    return true;
  }
}
