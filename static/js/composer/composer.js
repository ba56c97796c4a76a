// The field where one writes: Enter sends, it grows with the text, and it keeps drafts.

/**
 * Whether a keydown sends. The Enter that ends an input method's composition never sends:
 * isComposing says so, and in Safari, where it is already false by then, keyCode 229.
 * @param {KeyboardEvent} event
 * @param {boolean} [withCtrl] Only with Ctrl or ⌘.
 */
export function sends(event, withCtrl = false) {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  if (withCtrl && !event.ctrlKey && !event.metaKey) return false;
  return !event.isComposing && event.keyCode !== 229;
}

/**
 * What is sent with a text.
 * @typedef {object} Extra
 * @property {Record<string, any> | null} [reply_to] The message that it answers.
 * @property {{member: string, name: string}[]} [calls] The colleagues that it mentions.
 * @property {import("./editing.js").Edit} [edit] The edit that it is.
 */

export class Composer {
  /**
   * @param {object} options
   * @param {HTMLFormElement} options.form
   * @param {import("../connection/outbox.js").Store} options.store Keeps the drafts under the key of
   *   use().
   * @param {(content: string, note: boolean, extra: Extra, began?: any) => boolean | void} options.onSend
   *   Returns whether the text was taken over; `began` is what latest() said when it was begun.
   * @param {() => boolean} [options.ready] Whether anything may be sent now.
   * @param {(text: string) => void} [options.onInput]
   * @param {() => any} [options.latest]
   */
  constructor({ form, store, onSend, ready = () => true, onInput = () => {}, latest = () => null }) {
    this.form = form;
    this.store = store;
    this.onSend = onSend;
    this.ready = ready;
    this.latest = latest;
    /** @type {string | null} */
    this.key = null;
    /** @type {string | undefined} */
    this.name = undefined;
    this.began = null;
    this.withCtrl = false;
    /** @type {Extra} */
    this.extra = {};
    /** @type {(extra: Extra) => void} */
    this.onExtra = () => {};
    /** @type {(note: boolean) => void} Sends the files after the text; files.js sets it. */
    this.onFiles = () => {};
    /** @type {HTMLTextAreaElement} */
    this.field = form.elements.content;
    const { placeholder, dataset } = this.field;
    this.invites = { reply: placeholder, note: dataset.forNote ?? placeholder };
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (!sends(event, this.withCtrl)) return;
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("input", () => {
      this.keep();
      this.grow();
      onInput(this.field.value);
    });
    form.addEventListener("change", () => {
      if (!this.note && this.extra.reply_to?.note) this.extend({ reply_to: null });
      this.keep();
      this.tint();
    });
  }

  /** @returns {boolean} */
  get note() {
    return this.form.elements.note?.value === "1";
  }

  /**
   * Set on the buttons themselves: their list cannot be set to the value "".
   * @param {unknown} chosen
   */
  set note(chosen) {
    for (const button of this.form.elements.note ?? []) button.checked = (button.value === "1") === Boolean(chosen);
  }

  submit() {
    if (!this.ready()) return;
    const { note } = this;
    const content = this.field.value;
    // An edit stays in the field until it is stored.
    if (this.extra.edit) return void this.onSend(content, note, this.extra);
    if (content.trim()) {
      // Cleared only once the text was taken over.
      if (!this.onSend(content, note, this.extra, this.began)) return;
      this.put("");
      this.extend(null);
      this.field.focus();
    }
    this.onFiles(note);
  }

  /**
   * Writes for another conversation: shows its draft.
   * @param {string} key
   * @param {string} [name] With whom it is; kept with the draft.
   */
  use(key, name) {
    const first = this.key === null;
    this.key = key;
    this.name = name;
    const kept = this.store.get(key);
    this.note = kept?.note;
    // A text of the page's address, or that came back with an error page, stands above a draft.
    const given = first ? this.field.value : "";
    const draft = kept?.text ?? "";
    this.field.value = draft.includes(given) ? draft : given + (draft && `\n${draft}`);
    this.began = kept?.began ?? null;
    this.extra = {};
    this.extend(kept?.extra ?? null);
    this.tint();
    this.grow();
  }

  /**
   * Puts an unsent text back into the field; what is being written stays below it.
   * @param {string} content
   * @param {boolean} note
   * @param {Extra | null} [extra]
   */
  restore(content, note, extra) {
    this.began = null;
    // What stays keeps what it answers.
    this.extend(extra ? { ...extra, reply_to: extra.reply_to ?? (this.field.value ? this.extra.reply_to : null) } : null);
    // What was being written for colleagues does not become an answer.
    this.note = note || (this.note && this.field.value);
    this.put(this.field.value ? `${content}\n${this.field.value}` : content);
    this.tint();
    this.field.focus();
  }

  /**
   * Changes what is sent with the text.
   * @param {Extra | null} extra null clears it.
   */
  extend(extra) {
    this.extra = extra ? { ...this.extra, ...extra } : {};
    // Only a note may quote a note.
    if (this.extra.reply_to?.note) this.note = true;
    this.tint();
    this.keep();
    this.onExtra(this.extra);
  }

  put(value) {
    this.field.value = value;
    this.keep();
    this.grow();
  }

  keep() {
    this.began = this.field.value ? (this.began ?? this.latest()) : null;
    if (this.key === null) return;
    if (this.field.value) this.store.set(this.key, { text: this.field.value, note: this.note, extra: this.extra, began: this.began, name: this.name });
    else this.store.remove(this.key);
  }

  tint() {
    this.form.toggleAttribute("data-note", this.note);
    this.form.toggleAttribute("data-editing", Boolean(this.extra.edit));
    this.field.placeholder = this.note ? this.invites.note : this.invites.reply;
  }

  grow() {
    this.field.style.height = "auto";
    // The borders are not in scrollHeight.
    this.field.style.height = `${this.field.scrollHeight + this.field.offsetHeight - this.field.clientHeight}px`;
  }
}

const TOUCHES = ["pointermove", "focusin", "keydown", "click", "dragenter"];

// Loads the aids for writing (writing_aids.js), for files (files.js) and the buttons for formatting
// (mark_buttons.js) when the page is first touched, or a draft needs them. A click meanwhile is
// repeated afterwards.
//
// `page` has `files` and `aids` once they are loaded; it is returned.
export function loadAidsLater(page) {
  const { composer } = page;
  const missed = new Map();
  let loading = null;
  function ready([{ WritingAids }, { Files }, marks]) {
    for (const name of TOUCHES) document.removeEventListener(name, load, true);
    page.files = new Files(page);
    page.aids = new WritingAids(page);
    marks?.offerMarks(composer.form);
    for (const [name, place] of missed) place.dispatchEvent(new Event(name, { bubbles: true }));
  }
  function load(event = {}) {
    const { type, target } = event;
    // A finger that scrolls points at nothing.
    if (type === "pointermove" && event.pointerType !== "touch") missed.set(type, target);
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (type === "click" && plain && target.closest(".emoji, .quote, .picture, [data-mark], .marks-open")) {
      missed.set(type, target);
      // Else the browser would leave the page for the picture.
      event.preventDefault();
    }
    loading ??= Promise.all([import("./writing_aids.js"), import("./files.js"), page.saveEdit && import("./mark_buttons.js")]).then(ready, () => {
      // No network: the next touch tries again.
      loading = null;
    });
  }
  for (const name of TOUCHES) document.addEventListener(name, load, true);
  for (const part of composer.form.querySelectorAll(".emoji, .marks, .marks-open")) part.hidden = false;
  composer.onExtra = ({ reply_to: quote, edit }) => (quote || edit) && load();
  // The first touch may be the long press.
  if (page.sheet) load();
  return page;
}
