// The workspace as an app, once its page is at rest: the service worker, a hint where it has a newer
// version, what a notice asks of this window, and on phones a hint that there are pushes.

import { csrfToken, getJson } from "../../connection/http.js";
import { sayShown } from "../../connection/shown.js";
import { isFor, keepDevice, keptDevice, subscribe } from "../../worker/subscription.js";
import { stylesheet } from "../../shared/styles.js";
import { register } from "./register.js";

// Windows stay open for days.
const LOOK = 3_600_000;
// These take pushes once the app is on the home screen.
const APPLE = /iPhone|iPad/;

// workspace: the WorkspaceController.
export async function begin(workspace) {
  const { page, connection, conversations, store, place, navigation, writing } = workspace;
  workspace.app = { handle: (event) => isOver(event) && clear(event.group, ["waiting", "offer"]) };
  const write = () => writing.composer.field.focus();
  sayShown((frame) => {
    clear(conversations.group);
    return connection.send(frame);
  });
  install(page.app);
  const words = () => getJson(page.words);
  // A page that only holds a socket is used, too: its session lasts by requests.
  every(LOOK, () => words().catch(() => {}));
  if (location.hash === "#content") write();
  const registration = await register();
  if (!registration) return;
  navigator.serviceWorker.addEventListener("message", ({ data, ports }) => {
    if (data?.type !== "open") return;
    ports[0]?.postMessage(true);
    if (data.group) navigation.go(data.group).then(() => data.write && write());
  });
  watch(registration, words);
  registration.active?.postMessage({ type: "here", me: page.me, lang: document.documentElement.lang });
  if (!(await stayReachable(registration, page.me, words))) await offer({ page, words, store, key: `${place}:pushes` });
}

const every = (pause, step) => setInterval(() => document.visibilityState === "visible" && step(), pause);

// Whoever ends a wait where a window is seen is sent no word of it there.
const isOver = ({ type, open, waiting_since: since, snoozed_until: until }) =>
  type === "offer.ended" || (type === "conversation" && (open === false || since === null || Boolean(until)));

// What is read here needs no notice any more. kinds: of what is over; a mention lasts until it is read.
async function clear(group, kinds) {
  const registration = group && (await navigator.serviceWorker?.getRegistration());
  const notices = (await registration?.getNotifications?.({ tag: group })) ?? [];
  for (const notice of notices) if (!kinds || kinds.includes(notice.data?.kind)) notice.close();
}

// Says that this is an app; later than with the page, whose first sight needs none of it.
function install(href) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "manifest", href, crossOrigin: "use-credentials" });
  document.head.append(link);
}

// A newer version begins with the next page, which may be days away.
function watch(registration, words) {
  every(LOOK, () => registration.update().catch(() => {}));
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", async () => {
      if (installing.state !== "installed" || !registration.active || !(await isOld())) return;
      const { texts } = await words();
      say(texts.newer, [[texts.reload, () => location.reload()], [texts.hint_close]]);
    });
  });
}

// Whether a version lacks this page's script, whose name changes with all that it imports.
async function isOld() {
  const own = document.querySelector('script[type="module"]').src;
  const names = (await caches.keys()).filter((name) => name.startsWith("kefu-shell-"));
  const found = await Promise.all(names.map((cacheName) => caches.match(own, { cacheName, ignoreVary: true })));
  return found.some((one) => !one);
}

// Where this member allowed pushes in this browser, a new session takes them over, and so does a new
// subscription where the server has another key, or the push service has dropped this one. Returns
// whether they did.
async function stayReachable(registration, me, words) {
  const device = await keptDevice();
  if (device?.me !== me || Notification.permission !== "granted") return false;
  const { session, key, gone } = await words();
  const known = await registration.pushManager.getSubscription();
  if (session === device.session && known && isFor(known, key) && !gone) return true;
  try {
    await subscribe(registration, device.choices, csrfToken(), gone);
    await keepDevice({ ...device, session });
  } catch {
    // The next page tries again.
  }
  return true;
}

// A quiet hint, once, on devices that one carries.
async function offer({ page, words, store, key }) {
  const able = "PushManager" in globalThis || APPLE.test(navigator.userAgent);
  if (!able || !matchMedia("(pointer: coarse)").matches || store.get(key) || globalThis.Notification?.permission === "denied") return;
  const { texts } = await words();
  const done = () => store.set(key, 1);
  say(texts.hint, [
    [texts.hint_open, () => location.assign(`${page.alerts}#pushes`), done],
    [texts.hint_close, done],
  ]);
}

// A line above the page with buttons, each [label, ...what it does]; each takes it away.
async function say(words, buttons) {
  await stylesheet(document.body.dataset.hint);
  const line = document.createElement("p");
  line.className = "app-hint card";
  line.role = "status";
  line.append(words);
  for (const [label, ...steps] of buttons) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: label });
    button.addEventListener("click", () => {
      line.remove();
      for (const step of steps.reverse()) step();
    });
    line.append(button);
  }
  document.body.append(line);
}
