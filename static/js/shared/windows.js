// Decides which of several windows acts on an event that all of them get.

// The number of names to remember: more than arrive before the slowest window decides.
const KEPT = 100;

export class Windows {
  // store: shared by all windows of this browser. locks: absent outside secure contexts; then two
  // windows in the same millisecond might both be the first.
  constructor({ store, key, locks = globalThis.navigator?.locks }) {
    Object.assign(this, { store, key, locks });
  }

  // A promise of null for the first window that asks for this name, which leaves `mark`. All others
  // get the first one's mark.
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
