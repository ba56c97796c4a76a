// Which conversations the inbox shows, as its address says. chat/protocol/selection.py has the same
// rules; these are for changes that arrive live.

// Neither snoozed nor in quarantine.
const awake = ({ snoozed_until: until, quarantined }) => !until && !quarantined;

const VIEWS = {
  waiting: (row) => row.open && Boolean(row.waiting_since) && awake(row),
  all: (row) => row.open && awake(row),
  mine: (row, me) => row.claimed_by === me && awake(row),
  unclaimed: (row) => row.open && !row.claimed_by && awake(row),
  mentioned: ({ mentioned_seq: seq }) => seq > 0,
  snoozed: ({ snoozed_until: until }) => Boolean(until),
  closed: ({ open }) => !open,
  quarantined: ({ quarantined }) => Boolean(quarantined),
};

const same = (one, other) => one.normalize("NFKC").toLowerCase() === other.normalize("NFKC").toLowerCase();

// What the view `waiting` can be sorted by, from the highest to the lowest.
const SORTS = {
  wait: ({ waiting_since: since }) => -Date.parse(since),
  target: ({ due_at: due, waiting_since: since }) => -Date.parse(due ?? since),
  activity: ({ at }) => at,
};
const FIRST_SORT = "wait";

export class Selection {
  constructor({ view = "all", tag = "", team = "", sort = FIRST_SORT, channel = "" } = {}) {
    this.view = Object.keys(VIEWS).includes(view) ? view : "all";
    this.sort = Object.keys(SORTS).includes(sort) ? sort : FIRST_SORT;
    Object.assign(this, { tag, team, channel });
  }

  // Reads a query string; `usual` is the one if it names no view.
  static fromQuery(search, usual) {
    const given = new URLSearchParams(search);
    const kept = given.has("view") ? "" : usual;
    return new Selection(Object.fromEntries([...new URLSearchParams(kept), ...given]));
  }

  // The same selection with these changes.
  with(changed) {
    return new Selection({ ...this, ...changed });
  }

  is(fields) {
    return new Selection(fields).query === this.query;
  }

  // The fields for an address or a request. The view is always there: an address without one means
  // what was chosen last.
  get fields() {
    const { view, tag, team, sort, channel } = this;
    return { view, ...(tag && { tag }), ...(team && { team }), ...(sort !== FIRST_SORT && { sort }), ...(channel && { channel }) };
  }

  get query() {
    return `?${new URLSearchParams(this.fields)}`;
  }

  // The place of a row in the list, which is sorted from the highest to the lowest.
  rank(row) {
    return this.view === "waiting" ? SORTS[this.sort](row) : row.at;
  }

  // Without a seat there managers see a conversation among those who wait, and nowhere else.
  matches(row, me) {
    if (row.seated === false && this.view !== "waiting") return false;
    if (this.team && row.team !== this.team) return false;
    if (this.channel && (row.channel ?? "page") !== this.channel) return false;
    return Boolean(VIEWS[this.view](row, me)) && (!this.tag || Boolean(row.tags?.some((tag) => same(tag, this.tag))));
  }

  // Whether these changed facts may bring an unknown conversation into the list. One with a new
  // message arrives by itself.
  brings({ open, claimed_by: holder, waiting_since: since, mentioned_seq: seq, snoozed_until: until, tags, quarantined, team }, me) {
    if (until === null || (this.tag && tags) || (this.team && team === this.team)) return true;
    if (this.view === "waiting") return Boolean(since);
    if (this.view === "all") return open === true;
    if (this.view === "snoozed") return Boolean(until);
    if (this.view === "quarantined") return Boolean(quarantined);
    if (this.view === "mine") return holder === me;
    if (this.view === "mentioned") return seq > 0;
    if (this.view === "unclaimed") return open === true || holder === null;
    return this.view === "closed" && open === false;
  }
}
