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
  "members",
]);

export class Versions {
  constructor() {
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
    return { ...newer, ...Object.fromEntries(known.map((name) => [name, this.known.get(`${group} ${name}`).value])) };
  }

  // Whether one gave a seat up, or took one, later than what is known.
  seat(group, version) {
    return version === undefined || this.take(group, "seat", version);
  }

  take(group, name, version, value) {
    const key = `${group} ${name}`;
    if (version < (this.known.get(key)?.version ?? 0)) return false;
    this.known.set(key, { version, value });
    return true;
  }
}
