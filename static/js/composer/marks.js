// The marks of formatting in the field: Ctrl+B puts the selection into ** and Ctrl+I into *, or takes
// them away.

const KEYS = { b: "**", i: "*" };

// The selected part of `value` in marks, or without them: the text that comes in the place of what
// lies between `from` and `to`, and the selection in it.
export function marked(value, start, end, mark) {
  const size = mark.length;
  const there = (at) => value.slice(at, at + size) === mark && value[at - 1] !== "*" && value[at + size] !== "*";
  if (there(start - size) && there(end)) return { from: start - size, to: end + size, words: value.slice(start, end), start: start - size, end: end - size };
  // A mark beside a space marks nothing.
  const words = value.slice(start, end);
  const left = words.length - words.trimStart().length;
  const right = words.trim() ? words.length - words.trimEnd().length : 0;
  const inner = words.slice(left, words.length - right);
  const from = start + left;
  return { from, to: end - right, words: mark + inner + mark, start: from + size, end: from + size + inner.length };
}

export function markSelection(field, mark) {
  replace(field, marked(field.value, field.selectionStart, field.selectionEnd, mark));
}

// Puts words into the field in place of what lies between `from` and `to`, and selects from `start`
// to `end`, so that the browser's undo takes it back.
export function replace(field, { from, to, words, start, end }) {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, words)) {
    field.setRangeText(words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start, end);
}

export function markByKey(event, field) {
  const mark = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.isComposing && KEYS[event.key.toLowerCase()];
  if (!mark) return;
  event.preventDefault();
  markSelection(field, mark);
}
