// Which requests the service worker answers, and how long it waits for the network.

const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const WORKSPACE = /^\/agent\/(?:c\/[^/]+\/)?$/;
// An answer of the server's proxy: the server itself is gone.
const GATEWAY = new Set([502, 504]);
// Milliseconds until a workspace is given up that does not come, and until one that had this chance
// before is: on a bad line it may come yet.
const PATIENCE = 8_000;
const LONGER = 30_000;

// The kind of a request: "page", "file", "end" (the sign-out), or null, which the browser answers
// alone.
export function kindOf({ method, mode, url }, { origin, files, signOut }) {
  const { origin: of, pathname } = new URL(url);
  if (of !== origin) return null;
  if (method === "POST") return pathname === signOut ? "end" : null;
  if (method !== "GET") return null;
  if (mode === "navigate") return "page";
  return pathname.startsWith(files) && HASHED.test(pathname) ? "file" : null;
}

// Only the workspace is expected within seconds: other pages may be long reports and exports.
export function patienceFor(url, late) {
  if (!WORKSPACE.test(new URL(url).pathname)) return null;
  return late ? LONGER : PATIENCE;
}

export const isServed = ({ status }) => !GATEWAY.has(status);

// A promise of what `answer` gives; it fails after so many milliseconds, or never with null.
export function within(milliseconds, answer, clock = globalThis) {
  if (milliseconds === null) return answer;
  return new Promise((done, failed) => {
    const timer = clock.setTimeout(() => failed(new Error("late")), milliseconds);
    answer.then(done, failed).finally(() => clock.clearTimeout(timer));
  });
}

// The window to turn to for a conversation: one that shows it, else a workspace, else null.
export function windowFor(windows, group) {
  const path = ({ url }) => new URL(url).pathname;
  return windows.find((one) => group && path(one).includes(group)) ?? windows.find((one) => WORKSPACE.test(path(one))) ?? null;
}
