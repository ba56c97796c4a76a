// Inserts words at the cursor, replacing the text from `start` on.
export function insert(field, words, start = field.selectionStart) {
  field.focus();
  field.setRangeText(words, start, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
