// localStorage that never throws: private windows and third-party frames may refuse it, and
// the page then works on without keeping anything.

export function openStore(area = reach(() => globalThis.localStorage)) {
  return {
    get: (key) => reach(() => JSON.parse(area.getItem(key))) ?? null,
    set: (key, value) => reach(() => area.setItem(key, JSON.stringify(value))),
    remove: (key) => reach(() => area.removeItem(key)),
    keys: (prefix) =>
      reach(() => Array.from({ length: area.length }, (_, at) => area.key(at)).filter((key) => key?.startsWith(prefix))) ?? [],
  };
}

function reach(step) {
  try {
    return step();
  } catch {
    return null;
  }
}
