// After a break the rows below the inbox's first page may be old, or missing: what happened in them
// was told on the connection that was lost.

// Pages that are asked for at most.
export const MOST = 10;

// Asks for the pages that follow the first one, as far down as the list knows rows, and takes them
// over. `rows` and `more` are those of the first page. The list stays where it is. Rows that are
// further down than MOST pages are dropped: scrolling asks for them. Without an answer it ends, since
// the next connection begins anew.
export async function reread(inbox, rows, more) {
  const { chosen } = inbox;
  const end = inbox.endOf(rows, more);
  const old = new Set(inbox.shown.filter((row) => row !== inbox.pinned?.row && inbox.rank(row) < end));
  // One that is told of meanwhile is absent no more.
  for (const row of old) row.absent = true;
  // Those of other selections are asked for when one is chosen.
  const listed = new Set([...inbox.shown, inbox.rows.get(inbox.opened)]);
  for (const row of inbox.known()) if (!listed.has(row)) inbox.rows.delete(row.group);
  const gone = (row) => {
    old.delete(row);
    if (row.absent) inbox.remove(row.group);
  };
  for (let pages = 0; more && old.size && pages < MOST; pages += 1) {
    const answer = await inbox.onMore(more);
    if (inbox.chosen !== chosen) return;
    for (const row of answer.groups) inbox.update(row.group, row);
    more = answer.more;
    const last = inbox.endOf(answer.groups, more);
    for (const row of [...old]) if (inbox.rank(row) >= last) gone(row);
  }
  for (const row of [...old]) gone(row);
  inbox.more = more;
}
