// Copies a text.

// Returns whether the text is in the clipboard. Over plain HTTP pages have no `clipboard`, and in a
// frame its site may have forbidden it.
export async function copy(words) {
  if (await navigator.clipboard?.writeText(words).then(() => true, () => false)) return true;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.value = words;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return done;
}
