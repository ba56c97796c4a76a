// Which conversations the inbox shows, as its address says. chat/protocol/selection.py has the same
// rules; these are for changes that arrive live.

// Neither snoozed nor held as spam.
const awake = ({ snoozed_until: until, held }) => !until && !held;

const VIEWS = {
  waiting: (row) => row.open && Boolean(row.waiting_since) && awake(row),
  all: (row) => row.open && awake(row),
  mine: (row, me) => row.claimed_by === me && awake(row),
  unclaimed: (row) => row.open && !row.claimed_by && awake(row),
  mentioned: ({ mentioned_seq: seq }) => seq > 0,
  snoozed: ({ snoozed_until: until }) => Boolean(until),
  closed: ({ open }) => !open,
  held: ({ held }) => Boolean(held),
};

const same = (one, other) => one.normalize("NFKC").toLowerCase() === other.normalize("NFKC").toLowerCase();

export class Selection {
  constructor({ view = "all", tag = "" } = {}) {
    this.view = Object.keys(VIEWS).includes(view) ? view : "all";
    this.tag = tag;
  }

  // Reads a query string; `view` is the one if it names none.
  static fromQuery(search, view) {
    return new Selection({ view, ...Object.fromEntries(new URLSearchParams(search)) });
  }

  // The same selection with these changes.
  with(changed) {
    return new Selection({ ...this, ...changed });
  }

  is(fields) {
    return new Selection(fields).query === this.query;
  }

  // The fields for an address or a request. The view is always there: an address without one means
  // the view that was chosen last.
  get fields() {
    return { view: this.view, ...(this.tag && { tag: this.tag }) };
  }

  get query() {
    return `?${new URLSearchParams(this.fields)}`;
  }

  // The place of a row in the list, which is sorted from the highest to the lowest: the longest wait
  // first, or the newest activity.
  rank({ at, waiting_since: since }) {
    return this.view === "waiting" ? -Date.parse(since) : at;
  }

  matches(row, me) {
    return Boolean(VIEWS[this.view](row, me)) && (!this.tag || Boolean(row.tags?.some((tag) => same(tag, this.tag))));
  }

  // Whether these changed facts may bring an unknown conversation into the list. One with a new
  // message arrives by itself.
  brings({ open, claimed_by: holder, waiting_since: since, mentioned_seq: seq, snoozed_until: until, tags, held }, me) {
    if (until === null || (this.tag && tags)) return true;
    if (this.view === "waiting") return Boolean(since);
    if (this.view === "all") return open === true;
    if (this.view === "snoozed") return Boolean(until);
    if (this.view === "held") return Boolean(held);
    if (this.view === "mine") return holder === me;
    if (this.view === "mentioned") return seq > 0;
    if (this.view === "unclaimed") return open === true || holder === null;
    return this.view === "closed" && open === false;
  }
}
