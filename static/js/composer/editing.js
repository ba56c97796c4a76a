// Editing one's own message in the composer. What was being written there waits in the edit's
// draft, so that a reload keeps both.

// As long as the server allows (chat/conversations/recalls.py).
export const WITHIN = 120_000;

/**
 * @import { Composer, Extra } from "./composer.js"
 * @import { Message } from "../connection/timeline.js"
 */

/**
 * @typedef {{text: string, note?: boolean, extra?: Extra, began?: any}} Draft
 * @typedef {{seq: number, content: string, before: Draft, until: number}} Edit
 */

/**
 * Whether a message has left by a channel: nothing takes it back then.
 * @param {Message} message
 */
export const hasLeft = ({ data }) => data?.delivery?.state === "sent";

/**
 * Whether a message can be edited by `me` now.
 * @param {Message} message
 * @param {string} me
 * @param {number} [now]
 */
export function editable(message, me, now = Date.now()) {
  const { sender, kind, created_at: at, content } = message;
  return sender === me && kind !== "notice" && Boolean(content) && now - Date.parse(at) <= WITHIN && !hasLeft(message);
}

/**
 * The draft that is left of an edit's, once `content` was stored of it: what was being written
 * before, below what was typed after `content` meanwhile. A text that was changed otherwise is still
 * an edit.
 * @param {Draft} draft
 * @param {string} content
 * @returns {Draft}
 */
function afterSaving(draft, content) {
  const { edit } = draft.extra;
  if (!draft.text.startsWith(content)) return { ...draft, extra: { ...draft.extra, edit: { ...edit, content } } };
  const { before } = edit;
  const rest = draft.text.slice(content.length).trimStart();
  if (!rest) return before;
  // What was typed under a note is for colleagues.
  return { ...before, text: [rest, before.text].filter(Boolean).join("\n"), note: draft.note || before.note };
}

export class Editing {
  /**
   * @param {object} options
   * @param {Composer} options.composer Its `extra.edit` is the edit.
   * @param {(seq: number, content: string) => Promise<any>} options.save Stores it, or throws a
   *   Failure.
   * @param {(code: string) => void} options.onFailure
   */
  constructor({ composer, save, onFailure }) {
    this.composer = composer;
    this.save = save;
    this.onFailure = onFailure;
    this.saving = false;
  }

  /** @param {Message} message */
  begin({ seq, content, kind, created_at: at }) {
    this.cancel();
    const { composer } = this;
    const before = this.draft();
    composer.extend(null);
    composer.note = kind === "note";
    composer.put(content);
    composer.extend({ edit: { seq, content, before, until: Date.parse(at) + WITHIN } });
    composer.field.focus();
    composer.field.setSelectionRange(content.length, content.length);
  }

  /** @returns {Draft} */
  draft() {
    const { field, note, extra, began } = this.composer;
    return { text: field.value, note, extra, began };
  }

  // Goes back to what was being written before. Returns whether anything was being edited.
  cancel() {
    const { edit } = this.composer.extra;
    if (edit) this.write(edit.before);
    return Boolean(edit);
  }

  /** @param {Draft} draft */
  write({ text, note, extra, began }) {
    const { composer } = this;
    composer.extend(null);
    composer.note = note;
    composer.began = began;
    composer.put(text);
    composer.extend(extra);
    composer.field.focus();
  }

  async send(content) {
    const { composer } = this;
    const { key, extra: { edit } } = composer;
    if (this.saving || !content.trim()) return;
    if (content === edit.content) return void this.cancel();
    this.saving = true;
    await this.save(edit.seq, content).then(
      () => this.saved(key, edit, content),
      ({ code }) => this.onFailure(code),
    );
    this.saving = false;
  }

  // The edit is stored. It may have been given up meanwhile, for another one or for good, and
  // another conversation may have been opened, in which it waits as a draft.
  saved(key, { seq }, content) {
    const { composer } = this;
    const here = composer.key === key;
    const draft = here ? this.draft() : composer.store.get(key);
    if (draft?.extra?.edit?.seq !== seq) return;
    const left = afterSaving(draft, content);
    if (here) this.write(left);
    else composer.store.set(key, left);
  }
}
