// After a break the rows below the inbox's first page may be old, or missing: what happened in them
// was told on the connection that was lost.

// Pages that are asked for at most.
export const MOST = 10;
// Milliseconds within which all pages ask that were cut off together.
export const SPREAD = 3_000;

// Asks for the pages that follow the first one, as far down as the list knows rows, and takes them
// over. `rows` and `more` are those of the first page, of the selection `chosen`. The list stays where
// it is. Rows that are further down than MOST pages are dropped: scrolling asks for them.
export async function reread(inbox, chosen, rows, more) {
  await new Promise((done) => inbox.clock.setTimeout(done, Math.random() * SPREAD));
  if (inbox.chosen !== chosen) return;
  const end = inbox.endOf(rows, more);
  const old = new Set(inbox.shown.filter((row) => inbox.rank(row) < end));
  // One that is told of meanwhile is absent no more.
  for (const row of old) row.absent = true;
  const gone = (row) => {
    old.delete(row);
    if (row.absent && row !== inbox.pinned?.row) inbox.remove(row.group);
  };
  for (let pages = 0; more && old.size && pages < MOST; pages += 1) {
    const answer = await inbox.onMore(more);
    if (inbox.chosen !== chosen) return;
    inbox.fill(answer.groups);
    more = answer.more;
    const last = inbox.endOf(answer.groups, more);
    for (const row of [...old]) if (inbox.rank(row) >= last) gone(row);
  }
  for (const row of [...old]) gone(row);
  inbox.more = more;
}
