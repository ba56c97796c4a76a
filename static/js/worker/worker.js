// The service worker of the agents' pages: keeps their files and a page for when there is no
// network, and shows pushes. No page with messages is ever kept. The view puts the files that it
// imports before it, and VERSION, FILES and PLACES (chat/views/agents/app.py).

import { calling, noticeOf, outcomeOf } from "./notices.js";
import { isServed, kindOf, patienceFor, windowFor, within } from "./shell.js";
import { ask, insist, keepDevice, keptDevice, subscribe } from "./subscription.js";

const SHELL = `kefu-shell-${VERSION}`;
// The member's own words, and the page without a network, which names them.
const OWN = "kefu-own";
// Milliseconds until a window has to say that it opens what it was asked to.
const ANSWER = 1_000;
// Milliseconds for which something is shown of what is over and was not shown.
const BRIEFLY = 5_000;
let late = false;

addEventListener("install", (event) => event.waitUntil(Promise.all([keepFiles(), keepOwn()])));
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("fetch", (event) => {
  const kind = kindOf(event.request, { origin: location.origin, ...PLACES });
  if (kind === "page") event.respondWith(page(event));
  if (kind === "file") event.respondWith(file(event.request));
  if (kind === "end") event.waitUntil(end());
});
addEventListener("message", (event) => event.waitUntil(heard(event.data)));
addEventListener("push", (event) => event.waitUntil(pushed(event.data)));
addEventListener("notificationclick", (event) => event.waitUntil(clicked(event)));
addEventListener("notificationclose", (event) => event.waitUntil(count()));
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(changed()));

async function keepFiles() {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES);
}

async function keepOwn() {
  const cache = await caches.open(OWN);
  const { token, ...words } = await ask(PLACES.words);
  await cache.put(PLACES.words, new Response(JSON.stringify(words)));
  await cache.add(new Request(PLACES.offline, { cache: "reload" }));
}

async function begin() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("kefu-shell-") && name !== SHELL).map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function page(event) {
  // A newer version begins with a new page, never under one with a draft.
  registration.waiting?.postMessage({ type: "begin" });
  try {
    const answer = await within(patienceFor(event.request.url, late), answerOf(event));
    late = false;
    if (isServed(answer)) return answer;
  } catch (error) {
    late = error.message === "late";
  }
  return (await caches.match(PLACES.offline, { cacheName: OWN })) ?? Response.error();
}

async function answerOf(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

async function file(request) {
  // In those of a newer version, too: the page without a network is its own by then.
  const kept = await caches.match(request.url, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  const cache = await caches.open(SHELL);
  if (answer.ok) await cache.put(request.url, answer.clone()).catch(() => {});
  return answer;
}

// The member signs out: nothing of theirs stays but the choice to take pushes.
async function end() {
  await caches.delete(OWN);
  const subscription = await registration.pushManager?.getSubscription();
  await subscription?.unsubscribe();
  for (const notice of await shown()) notice.close();
  await count();
}

async function heard({ type, me, lang }) {
  if (type === "begin") return skipWaiting();
  if (type !== "here") return;
  const known = await words();
  if (known.me !== me || known.lang !== lang || !(await caches.match(PLACES.offline, { cacheName: OWN }))) await keepOwn();
}

async function words() {
  const kept = () => caches.match(PLACES.words, { cacheName: OWN });
  if (!(await kept())) await keepOwn().catch(() => {});
  return (await (await kept())?.json()) ?? {};
}

async function pushed(data) {
  let said = {};
  try {
    said = data.json();
  } catch {
    // Another program's push.
  }
  const [title, options] = noticeOf(said, await words());
  const same = async () => (await shown()).filter(({ tag }) => tag === options.tag);
  // Something has to be shown for every push, also where there is nothing to replace; but somebody
  // may wait there again by then.
  const takeAway = async () => (await same()).forEach((one) => one.data.kind === "gone" && one.close());
  if (options.data.kind === "gone" && !(await same()).length) setTimeout(takeAway, BRIEFLY);
  await registration.showNotification(title, options);
  await count();
}

const shown = async () => (await registration.getNotifications?.()) ?? [];

async function count() {
  await navigator.setAppBadge?.(calling(await shown()))?.catch(() => {});
}

async function clicked({ action, notification, reply = "" }) {
  const { data } = notification;
  notification.close();
  await count();
  const text = reply?.trim() ?? "";
  if (action === "claim") return act(action, "actions/", { action }, data);
  if (action === "reply" && text) return act(action, "messages/", { content: text, me: data.me, ...(crypto.randomUUID && { client_id: crypto.randomUUID() }) }, data, text);
  await open(data, action === "reply");
}

// Does what a button says, and shows what came of it.
async function act(action, path, form, data, text) {
  let refused = null;
  try {
    const { token, me } = await ask(PLACES.words);
    if (me !== data.me) refused = { error: "unauthorised" };
    else await insist(`${PLACES.workspace}c/${data.group}/${path}`, { token, form });
  } catch (error) {
    refused = error.facts ?? { error: "offline" };
  }
  await registration.showNotification(...outcomeOf(action, refused, data, await words(), text));
}

// Turns to the conversation in a window that is open, else in a new one. write: in its composer.
async function open({ group, kind }, write) {
  const path = group ? `c/${group}/` : "";
  const address = kind === "test" ? PLACES.alerts : PLACES.workspace + path + (write ? "#content" : "");
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const found = kind === "test" ? null : windowFor(windows, group);
  if (found) {
    await found.focus().catch(() => {});
    if (await told(found, { type: "open", group, write })) return;
  }
  await clients.openWindow(address);
}

// Whether a window has heard: it may be one that is still loading, or asleep.
function told(window, message) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(true);
    setTimeout(() => done(false), ANSWER);
    window.postMessage(message, [port2]);
  });
}

// The push service gave this browser another address.
async function changed() {
  const device = await keptDevice();
  const { token, me, session } = await ask(PLACES.words);
  if (device?.me !== me || !me) return;
  await subscribe(registration, device.choices, token);
  await keepDevice({ ...device, session });
}
