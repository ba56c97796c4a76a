// Which conversations the inbox shows, as its address tells: the words of chat/selection.py, for
// what changes live.

const VIEWS = {
  all: () => true,
  mine: ({ claimed_by: holder }, me) => holder === me,
  unclaimed: ({ open, claimed_by: holder }) => open && !holder,
  mentioned: ({ mentioned_seq: seq }) => seq > 0,
  closed: ({ open }) => !open,
};

export class Selection {
  constructor({ view = "all" } = {}) {
    this.view = Object.hasOwn(VIEWS, view) ? view : "all";
  }

  // Of an address' part from the "?" on.
  static of(search) {
    return new Selection(Object.fromEntries(new URLSearchParams(search)));
  }

  // What an address and a request say; nothing for what goes without saying.
  get fields() {
    return this.view === "all" ? {} : { view: this.view };
  }

  get query() {
    const words = new URLSearchParams(this.fields).toString();
    return words && `?${words}`;
  }

  get all() {
    return !this.query;
  }

  matches(row, me) {
    return Boolean(VIEWS[this.view](row, me));
  }

  // Whether these changed facts can bring in a conversation of which nothing else is known here.
  // One that moves by a message comes by itself.
  brings({ open, claimed_by: holder, mentioned_seq: seq }, me) {
    if (this.view === "mine") return holder === me;
    if (this.view === "mentioned") return seq > 0;
    if (this.view === "unclaimed") return open === true || holder === null;
    return this.view === "closed" && open === false;
  }
}
