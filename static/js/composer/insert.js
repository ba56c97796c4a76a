// Puts words in where the cursor stands, in place of what stands from `start` on.
export function insert(field, words, start = field.selectionStart) {
  field.focus();
  field.setRangeText(words, start, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
