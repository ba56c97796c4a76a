// Keeps the view `waiting` up to date for managers and supervisors, who see it of all teams: of
// conversations without a seat of theirs no events come.

import { Hints } from "../../connection/hints.js";
import { socketUrl } from "../../connection/socket.js";

// At most so often, however much happens.
const APART = 1_000;
// Rows that are asked for, at least and at most.
const FEWEST = 30;
const MOST = 100;

export class WholeQueue {
  // column: the InboxColumn. onPage(answer): a first page of the chosen view came.
  constructor({ address, column, onPage, document = globalThis.document, clock = globalThis, ...options }) {
    Object.assign(this, { column, onPage, document, clock, due: false, missed: false, asked: -Infinity, turn: 0, shown: 0 });
    document.addEventListener("visibilitychange", () => this.missed && this.soon());
    this.hints = new Hints({ url: socketUrl(address), onHint: () => this.soon(), clock, ...options });
  }

  soon() {
    this.missed = this.document.hidden;
    if (this.missed || this.due) return;
    this.due = true;
    this.clock.setTimeout(() => this.renew(), Math.max(0, this.asked + APART - this.clock.Date.now()));
  }

  // What fails here comes with the next hint, or the page's slow beat.
  async renew() {
    const { column } = this;
    const { inbox } = column;
    this.due = false;
    this.asked = this.clock.Date.now();
    if (column.chosen.view !== "waiting") return column.views.stale();
    const { chosen } = column;
    const turn = ++this.turn;
    const limit = Math.min(Math.max(inbox.shown.length, FEWEST), MOST);
    const answer = await column.ask({ ...chosen.fields, limit }).catch(() => null);
    if (!answer || column.chosen !== chosen || turn < this.shown) return;
    this.shown = turn;
    // The rows below the answer are read again, too; without any the list goes on where it ends.
    if (inbox.shown.length > limit) column.broken = true;
    else inbox.more = answer.more;
    this.onPage(answer);
  }
}
