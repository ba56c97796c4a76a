// Several windows of one person hear the same: which of them does something about it.

// Names that are remembered: more than come while the slowest window makes up its mind.
const KEPT = 100;

export class Windows {
  // store: what all windows of this browser share. locks: absent where the page is no secure
  // context; then two windows in the same millisecond might both be first.
  constructor({ store, key, locks = globalThis.navigator?.locks }) {
    Object.assign(this, { store, key, locks });
  }

  // A promise of null for the first window that comes with this name, which leaves `mark`; of the
  // first one's mark for all others.
  async first(name, mark) {
    const take = () => {
      const taken = this.store.get(this.key) ?? [];
      const before = taken.find(([known]) => known === name);
      if (before) return before[1];
      this.store.set(this.key, [...taken, [name, mark]].slice(-KEPT));
      return null;
    };
    return this.locks ? this.locks.request(this.key, take) : take();
  }
}
