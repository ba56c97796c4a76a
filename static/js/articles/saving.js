// Saves what somebody writes, two seconds after they pause. Until it is stored this browser keeps it, so that
// neither the end of a session nor a broken line loses it.

import { openStore } from "../connection/outbox.js";

const PAUSE = 2000;
const AGAIN = 10_000;
// Refusals that end by waiting, or by signing in.
const PASSING = new Set(["offline", "unauthorised", "unavailable", "rate_limited"]);
// Somebody else has saved or removed it: whoever writes decides what becomes of their text.
const ENDING = new Set(["stale", "not_found"]);
const WRITTEN = ["title", "body", "category", "audience"];

const tidy = (words = "") => words.trim().replace(/[ \t]+/g, " ");
export const same = (one, other) => WRITTEN.every((name) => tidy(one[name]) === tidy(other[name]));

export class Saving {
  /**
   * @param {object} options
   * @param {() => Record<string, string>} options.read The fields as they are written now.
   * @param {() => boolean} options.ready Whether they can be stored yet.
   * @param {() => number} options.version The one of the article that the fields were written over.
   * @param {(fields: Record<string, string>) => Promise<any>} options.store
   * @param {(answer: any) => void} options.stored
   * @param {(failure: {code: string, facts: Record<string, any>}) => void} options.refused
   * @param {(state: "saving" | "saved" | "unsaved") => void} options.tell
   * @param {string[]} options.keys Where this browser keeps it: the article's own, then that of a new one.
   * @param {{setTimeout: Function, clearTimeout: Function}} [options.clock]
   * @param {import("../connection/outbox.js").Store} [options.storage]
   */
  constructor({ read, version, ready, store, stored, refused, tell, keys, clock = globalThis, storage = openStore() }) {
    Object.assign(this, { read, version, ready, store, stored, refused, tell, clock, storage, key: keys[0] });
    this.saved = read();
    this.timer = this.running = null;
    this.stopped = false;
    // A form that was sent from here has been stored by now.
    for (const key of keys) {
      const kept = this.kept(key);
      if (kept && same(kept.fields, this.saved)) this.forget(key);
    }
  }

  isChanged() {
    const now = this.read();
    return Object.keys(now).some((name) => now[name] !== this.saved[name]);
  }

  changed() {
    this.keep();
    if (!this.stopped) this.tell("unsaved");
    this.later(PAUSE);
  }

  later(pause) {
    this.clock.clearTimeout(this.timer);
    if (!this.stopped) this.timer = this.clock.setTimeout(() => this.now(), pause);
  }

  // Stores what is not stored yet; one request at a time, as each names the version that it changes.
  now() {
    this.clock.clearTimeout(this.timer);
    if (!this.stopped && !this.running && this.isChanged() && this.ready()) this.running = this.save();
    return this.running;
  }

  async save() {
    const fields = this.read();
    this.tell("saving");
    try {
      const answer = await this.store(fields);
      this.forget();
      this.stored(answer);
      // The server has chosen the address if there was none.
      this.saved = { ...fields, slug: answer.slug };
      this.tell("saved");
      if (this.isChanged()) this.changed();
    } catch (failure) {
      this.tell("unsaved");
      if (ENDING.has(failure.code)) this.stop();
      if (PASSING.has(failure.code)) this.later(AGAIN);
      this.refused(failure);
    } finally {
      this.running = null;
    }
  }

  // What is written from now on is stored by the form.
  stop() {
    this.stopped = true;
    this.clock.clearTimeout(this.timer);
  }

  // What an earlier page could not store: {fields, version, at}, or null.
  kept(key = this.key) {
    return this.storage.get(key);
  }

  // Where it has no room, or may not, only the server keeps it.
  keep() {
    this.storage.set(this.key, { fields: this.read(), version: this.version(), at: Date.now() });
  }

  forget(key = this.key) {
    this.storage.remove(key);
  }
}
