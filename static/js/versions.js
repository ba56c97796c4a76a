// Facts of conversations arrive from several processes and by answers, so an older one may come
// after a newer one. Each carries the number it belongs to; what is older than what is known of
// the same field is left out.

const VERSIONED = new Set([
  "open",
  "claimed_by",
  "claimed_name",
  "team",
  "team_name",
  "waiting_since",
  "rating",
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
      Object.entries(facts).filter(([name]) => !VERSIONED.has(name) || this.take(group, name, version)),
    );
  }

  // Whether one gave a seat up, or took one, later than what is known.
  seat(group, version) {
    return version === undefined || this.take(group, "seat", version);
  }

  take(group, name, version) {
    const key = `${group} ${name}`;
    if (version < (this.known.get(key) ?? 0)) return false;
    this.known.set(key, version);
    return true;
  }
}
