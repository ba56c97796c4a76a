// What a visitor takes over from who they were before: the same person gets another id when they sign
// in or out on the site, or erase everything. Loaded when that has happened.

// Moves what the pages of the visitor `from` left to those of `to`, the same person under another
// id: unsent texts and the draft. Quotes are dropped, since the messages have other seqs by now.
export function inherit(store, from, to) {
  for (const key of store.keys(`${from}:outbox:`)) {
    const { reply_to: _gone, ...item } = store.get(key) ?? {};
    // Refused because that visitor no longer exists.
    if (item.code === "not_found") Object.assign(item, { state: "sending", code: null });
    // First, as the storage may be full.
    store.remove(key);
    store.set(to + key.slice(from.length), item);
  }
  const [mine, theirs] = [to, from].map((place) => store.get(`${place}:draft`)?.text ?? "");
  // Another window may have moved it before this one stored it once more.
  const [short, long] = mine.length < theirs.length ? [mine, theirs] : [theirs, mine];
  store.remove(`${from}:draft`);
  if (long) store.set(`${to}:draft`, { text: long.includes(short) ? long : `${mine}\n${theirs}` });
}
