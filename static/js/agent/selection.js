// Which conversations the inbox shows, as its address tells: the words of chat/protocol/selection.py, for
// what changes live.

// Neither put off nor held as spam.
const awake = ({ snoozed_until: until, held }) => !until && !held;

const VIEWS = {
  all: awake,
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

  // Of an address' part from the "?" on.
  static of(search) {
    return new Selection(Object.fromEntries(new URLSearchParams(search)));
  }

  // The same tag in another view.
  with(changed) {
    return new Selection({ ...this, ...changed });
  }

  is(fields) {
    return new Selection(fields).query === this.query;
  }

  // What an address and a request say; nothing for what goes without saying.
  get fields() {
    return { ...(this.view !== "all" && { view: this.view }), ...(this.tag && { tag: this.tag }) };
  }

  get query() {
    const words = new URLSearchParams(this.fields).toString();
    return words && `?${words}`;
  }

  get all() {
    return !this.query;
  }

  matches(row, me) {
    return Boolean(VIEWS[this.view](row, me)) && (!this.tag || Boolean(row.tags?.some((tag) => same(tag, this.tag))));
  }

  // Whether these changed facts can bring in a conversation of which nothing else is known here.
  // One that moves by a message comes by itself.
  brings({ open, claimed_by: holder, mentioned_seq: seq, snoozed_until: until, tags, held }, me) {
    if (until === null || (this.tag && tags)) return true;
    if (this.view === "snoozed") return Boolean(until);
    if (this.view === "held") return Boolean(held);
    if (this.view === "mine") return holder === me;
    if (this.view === "mentioned") return seq > 0;
    if (this.view === "unclaimed") return open === true || holder === null;
    return this.view === "closed" && open === false;
  }
}
