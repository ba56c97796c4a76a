// Editing one's own message in the composer. What was being written there waits in the edit's
// draft, so that a reload keeps both.

// As long as the server allows (chat/conversations/recalls.py).
export const WITHIN = 120_000;

// Whether this message object can be edited by `me` now.
export function editable({ sender, kind, created_at: at, content }, me, now = Date.now()) {
  return sender === me && kind !== "notice" && Boolean(content) && now - Date.parse(at) <= WITHIN;
}

// The draft of a conversation that is opened later. An edit that is too late is a draft like any
// other, above what was being written before.
export function stillPossible(draft, now = Date.now()) {
  const edit = draft?.extra?.edit;
  if (!edit || edit.until >= now) return draft;
  const changed = draft.text === edit.content ? "" : draft.text;
  return { ...edit.before, text: [changed, edit.before.text].filter(Boolean).join("\n") };
}

export class Editing {
  // composer: its `extra.edit` is the edit. save(seq, content): stores it, or throws a Failure.
  // onFailure(code).
  constructor({ composer, save, onFailure }) {
    Object.assign(this, { composer, save, onFailure, saving: false });
  }

  begin({ seq, content, kind, created_at: at }) {
    this.cancel();
    const { composer } = this;
    const before = { text: composer.field.value, note: composer.note, extra: composer.extra, began: composer.began };
    composer.extend(null);
    composer.note = kind === "note";
    composer.put(content);
    composer.extend({ edit: { seq, content, before, until: Date.parse(at) + WITHIN } });
    composer.field.focus();
    composer.field.setSelectionRange(content.length, content.length);
  }

  // Goes back to what was being written before. Returns whether anything was being edited.
  cancel() {
    const { composer } = this;
    const { edit } = composer.extra;
    if (!edit) return false;
    const { text, note, extra, began } = edit.before;
    composer.extend(null);
    composer.note = note;
    composer.began = began;
    composer.put(text);
    composer.extend(extra);
    composer.field.focus();
    return true;
  }

  async send(content) {
    const { composer } = this;
    const { key, extra: { edit } } = composer;
    if (this.saving || !content.trim()) return;
    if (content === edit.content) return void this.cancel();
    this.saving = true;
    await this.save(edit.seq, content).then(
      () => {
        if (composer.key === key) this.cancel();
        // Another conversation was opened meanwhile.
        else composer.store.set(key, edit.before);
      },
      ({ code }) => this.onFailure(code),
    );
    this.saving = false;
  }
}
