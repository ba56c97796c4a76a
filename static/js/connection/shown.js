// Says that this window is seen, so that nothing is pushed to whoever looks at it.

export const AGAIN = 30_000;

/**
 * @param {(frame: object) => boolean} send
 * @param {{document?: Document, clock?: import("./outbox.js").Clock}} [options] For tests.
 */
export function sayShown(send, { document = globalThis.document, clock = globalThis } = {}) {
  /** @type {number | null} */
  let timer = null;
  const say = () => {
    clock.clearTimeout(timer);
    if (document.visibilityState !== "visible") return;
    send({ type: "shown" });
    timer = clock.setTimeout(say, AGAIN);
  };
  document.addEventListener("visibilitychange", say);
  say();
}
