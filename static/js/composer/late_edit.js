// Beside editing.js, which is loaded later: what becomes of an edit that was begun before.

// The draft of a conversation that is opened later. An edit that is too late is a draft like any
// other, above what was being written before.
export function stillPossible(draft, now = Date.now()) {
  const edit = draft?.extra?.edit;
  if (!edit || edit.until >= now) return draft;
  const changed = draft.text === edit.content ? "" : draft.text;
  return { ...edit.before, text: [changed, edit.before.text].filter(Boolean).join("\n") };
}
