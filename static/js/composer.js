// The field where one writes: Enter sends, it grows with the text, and it forgets nothing.

// Whether a keydown sends. Enter that ends an input method's composition never does: isComposing
// says so, and in Safari, where it is already false by then, keyCode 229.
export function sends(event) {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  return !event.isComposing && event.keyCode !== 229;
}

export class Composer {
  // onSend(content, note): whether it was taken over. onInput(text). Drafts are kept in `store` under the key of use().
  constructor({ form, store, onSend, onInput = () => {} }) {
    Object.assign(this, { form, store, onSend, onInput, key: null });
    this.field = form.elements.content;
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (!sends(event)) return;
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => {
      this.keep();
      this.grow();
      onInput(this.field.value);
    });
    form.addEventListener("change", () => {
      this.keep();
      this.tint();
    });
  }

  get note() {
    return this.form.elements.note?.value === "1";
  }

  submit() {
    const content = this.field.value;
    if (!content.trim()) return;
    // Cleared only when it is safely elsewhere.
    if (!this.onSend(content, this.note)) return;
    this.put("");
    this.field.focus();
  }

  // Writes for another conversation from now on: its own draft appears.
  use(key) {
    const first = this.key === null;
    this.key = key;
    const kept = this.store.get(key);
    if (this.form.elements.note) this.form.elements.note.value = kept?.note ? "1" : "";
    // A text that came back with an error page counts more than a kept one.
    const given = first ? this.field.value : "";
    this.field.value = given || kept?.text || "";
    this.tint();
    this.grow();
  }

  // Gives a text back to be edited; what was being written stays below it.
  take(content, note) {
    if (this.form.elements.note) this.form.elements.note.value = note ? "1" : "";
    this.put(this.field.value ? `${content}\n${this.field.value}` : content);
    this.tint();
    this.field.focus();
  }

  put(value) {
    this.field.value = value;
    this.keep();
    this.grow();
  }

  keep() {
    if (this.key === null) return;
    if (this.field.value) this.store.set(this.key, { text: this.field.value, note: this.note });
    else this.store.remove(this.key);
  }

  tint() {
    this.form.toggleAttribute("data-note", this.note);
  }

  grow() {
    this.field.style.height = "auto";
    // The borders are not in scrollHeight.
    this.field.style.height = `${this.field.scrollHeight + this.field.offsetHeight - this.field.clientHeight}px`;
  }
}
