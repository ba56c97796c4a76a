// This browser's subscription to pushes, for pages and for the service worker.

// Holds one thing: whose pushes this browser takes, in which session they were allowed, and their
// choices. It outlives a sign-out, so that whoever signs in again need not allow them anew.
const DEVICE = "kefu-device";
const PLACE = "/agent/push/";
// Milliseconds between two tries of a request of which nobody knows whether it was done.
const PAUSES = [1_000, 3_000, 9_000];

export class Refusal extends Error {
  // code: the protocol's error code, "offline", "unauthorised" or "unknown".
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// A request to this site: `body` is sent as JSON, `form` as a form. Returns the JSON of the answer.
export async function ask(address, { method = "GET", token = "", body, form } = {}) {
  const headers = { Accept: "application/json", ...(method !== "GET" && { "X-CSRFToken": token }) };
  if (body) headers["Content-Type"] = "application/json";
  const content = body ? JSON.stringify(body) : form && new URLSearchParams(form);
  const answer = await fetch(address, { method, headers, body: content, credentials: "same-origin" }).catch(() => {
    throw new Refusal("offline");
  });
  const facts = await answer.json().catch(() => null);
  if (answer.ok && facts && !answer.redirected) return facts;
  const code = answer.status === 401 || answer.redirected ? "unauthorised" : (facts?.error ?? "unavailable");
  throw Object.assign(new Refusal(code), { facts: { ...facts, error: code } });
}

// A POST that is sent again where no answer comes, as the same one: not a message without an id, of
// which each would be another.
export async function insist(address, { token, form }, clock = globalThis) {
  const pauses = form.content && !form.client_id ? [] : PAUSES;
  const errors = [];
  for (const pause of [...pauses, 0]) {
    try {
      return await ask(address, { method: "POST", token, form });
    } catch (error) {
      if (error.code !== "offline" && error.code !== "unavailable") throw error;
      errors.push(error);
    }
    if (pause) await new Promise((done) => clock.setTimeout(done, pause));
  }
  // The server's own word each time: nothing was stored.
  if (errors.every(({ facts }) => facts?.detail)) throw errors.pop();
  throw Object.assign(new Refusal("unknown"), { facts: { error: "unknown" } });
}

// The bytes of a base64url text, and the text of bytes.
export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

export function textOf(bytes) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// Whether a subscription was made for this key of the server's, as far as the browser says.
export function isFor(subscription, key) {
  const own = subscription.options?.applicationServerKey;
  return !own || textOf(own) === key.replace(/=+$/, "");
}

// Subscribes, and stores the device at the server with its `choices`. A subscription for another key
// is of no use any more, and stands in the way of a new one; likewise with `anew` any other.
export async function subscribe(registration, choices, token, anew = false) {
  const { key } = await ask(PLACE);
  const manager = registration.pushManager;
  let subscription = await manager.getSubscription();
  if (subscription && (anew || !isFor(subscription, key))) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  const { endpoint, keys } = subscription.toJSON();
  await ask(PLACE, { method: "POST", token, body: { endpoint, keys, ...choices } });
  return subscription;
}

export async function keptDevice() {
  const kept = await caches.match(PLACE, { cacheName: DEVICE });
  return (await kept?.json()) ?? null;
}

// device: {me, session, choices}, or null.
export async function keepDevice(device) {
  if (!device) return void (await caches.delete(DEVICE));
  const cache = await caches.open(DEVICE);
  await cache.put(PLACE, new Response(JSON.stringify(device)));
}
