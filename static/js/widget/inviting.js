// Invites visitors on the enterprise's sites: shows greetings by its rules and agents' invitations
// in a bubble beside the button, and reports who is on the site, where the enterprise wants that.
// The widget (widget.js) loads it, for sites of such enterprises only. It is a module without
// imports, since it is served under a fixed name.

const EVERY = 15_000;
const LEAST = 5_000;
// The pause after which a visit counts as another one.
const PAUSE = 30 * 60_000;
// The pause between two checks whether the team is online.
const STAFFED_EVERY = 60_000;

const CSS = `
:host {
  all: initial; position: fixed; z-index: 2147483647; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 72px);
  width: max-content; max-width: min(300px, calc(100vw - 40px)); color-scheme: light dark;
}
:host(.left) { left: 20px } :host(.right) { right: 20px }
section {
  position: relative; padding: 12px 44px 14px 16px; border-radius: 16px; background: #fff; color: #1a2230;
  box-shadow: 0 6px 28px rgb(0 0 0 / 22%); font: 15px/1.45 system-ui, "PingFang SC", "Microsoft YaHei", "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif;
  animation: come .24s ease-out;
}
section:empty { display: none }
p { margin: 0 0 4px; color: #5f6a79; font-size: 13px }
p, .words { overflow-wrap: anywhere }
button { border: 0; background: none; color: inherit; font: inherit; cursor: pointer }
.words { display: block; padding: 0; text-align: start; white-space: pre-line }
.words::after { position: absolute; inset: 0; border-radius: 16px; content: "" }
.words:focus-visible { outline: 0 }
.words:focus-visible::after, .no:focus-visible { outline: 3px solid #1f6feb; outline-offset: 2px }
.no { position: absolute; z-index: 1; top: 4px; inset-inline-end: 4px; display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; color: #5f6a79 }
.no:hover { background: rgb(0 0 0 / 8%) }
svg { width: 16px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round }
@keyframes come { from { opacity: 0; transform: translateY(8px) } }
@media (prefers-color-scheme: dark) {
  section { background: #242a35; color: #eef1f5; box-shadow: 0 6px 28px rgb(0 0 0 / 60%) }
  p, .no { color: #b4bdc9 }
  .no:hover { background: rgb(255 255 255 / 12%) }
  .words:focus-visible::after, .no:focus-visible { outline-color: #86b5ff }
}
@media (prefers-reduced-motion) { section { animation: none } }`;

// Whether a path of the site matches a rule's, in which * stands for anything; a slash at the end
// makes no difference.
export function fits(pattern, path) {
  const [wish, here] = [plain(pattern), plain(path)];
  return like(wish, here) || like(wish, `${here}/`);
}

function like(pattern, path) {
  const [first, ...parts] = pattern.split("*");
  if (!parts.length) return path === first;
  if (!path.startsWith(first)) return false;
  const last = parts.pop();
  let at = first.length;
  for (const part of parts) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - at >= last.length && path.endsWith(last);
}

// As people write it, 价格 instead of %E4…, and without the slash at the end.
function plain(path) {
  const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  try {
    return decodeURI(bare);
  } catch {
    return bare;
  }
}

// The first of the rules whose time has come, or undefined.
export function due(rules, { path, seconds, visits }) {
  return rules.find((rule) => seconds >= rule.seconds && visits >= rule.visits && fits(rule.page, path));
}

// What the browser keeps from page to page, at `now`: the number of visits, and the key of this
// one. done: what became of a greeting, "dismissed" or "opened"; answered: the visit whose
// invitation was answered.
export function visitOf({ key, visits = 0, seen = 0, told = 0, done, answered }, now, makeKey) {
  const goes = now - seen < PAUSE;
  return { key: (goes && key) || (makeKey ? makeKey() : undefined), visits: goes ? visits : visits + 1, seen: now, told, done, answered };
}

// Whether the visitor wants to see this, by what their browser keeps: nothing after they closed
// one, no rule's greeting after they answered one, and no invitation twice.
export function welcome({ done, answered }, { visit }) {
  return done !== "dismissed" && (visit ? visit !== answered : !done);
}

// root: the widget's shadow root; look: the enterprise's settings; tell(place, options): a request
// to its chat, as the widget makes it; place: where the browser keeps things.
export function start(root, look, tell, place) {
  const home = new URL(import.meta.url).origin;
  const { rules, texts, queries } = look.inviting;
  const button = root.querySelector("button");
  const memory = `${place}:visit`;
  const told = look.inviting.told && !navigator.globalPrivacyControl && navigator.doNotTrack !== "1";
  let visit = keep(visitOf(read(), Date.now(), told && randomKey));
  // The page that is shown, and for how long it has been looked at.
  let page = "";
  let seconds = 0;
  let moved = true;
  // Until when the server wants no report.
  let wait = 0;
  let asked = -Infinity;
  let bubble = null;
  // What the bubble shows, later what the chat was opened with.
  let words = null;

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== home || !source || source !== frame()?.contentWindow || data?.kefu !== "state") return;
    hand();
  });
  addEventListener("storage", ({ key }) => key === memory && words && !welcome(read(), words) && close());
  window.Kefu.on("open", () => bubble && finish("opened"));
  setInterval(pass, 1_000);
  pass();

  function pass() {
    const here = location.pathname + location.search;
    if (here !== page) {
      page = here;
      seconds = 0;
      moved = true;
    } else if (!document.hidden) seconds += 1;
    if (document.hidden) return;
    greet();
    const past = Date.now() - (read().told ?? visit.told);
    if (told && Date.now() > wait && past >= (moved ? LEAST : EVERY)) report();
  }

  async function greet() {
    if (bubble || !free({})) return;
    const rule = due(rules, { path: location.pathname, seconds, visits: visit.visits });
    if (!rule) return;
    if (rule.staffed) {
      if (Date.now() - asked < STAFFED_EVERY) return;
      asked = Date.now();
      // The settings that were loaded with the page may be minutes old.
      const now = await tell("widget/", { cache: "no-store" });
      if (!now.inviting?.rules.some((one) => one.rule === rule.rule)) return;
    }
    show({ text: rule.text, name: look.name, rule: rule.rule });
  }

  // Whether it may be shown: only to visitors who have not written, and not while the chat is open.
  function free(said) {
    return welcome({ ...visit, ...read() }, said) && button.getAttribute("aria-expanded") !== "true" && !stored(place);
  }

  async function report(more) {
    moved = false;
    visit = keep({ ...visit, ...read(), seen: Date.now(), told: Date.now() });
    const url = location.origin + location.pathname + (queries ? location.search : "");
    const facts = { key: visit.key, url: url.slice(0, 2_000), title: document.title.slice(0, 500), referrer: document.referrer.split(/[?#]/)[0].slice(0, 2_000), visits: visit.visits };
    if (visit.done === "dismissed") facts.dismissed = 1;
    const { invitation, retry_after } = await tell("visit/", { method: "POST", body: new URLSearchParams(facts), ...more });
    if (retry_after) wait = Date.now() + retry_after * 1_000;
    if (invitation) show({ ...invitation, visit: visit.key });
  }

  function show(said) {
    // A person's invitation replaces a rule's greeting; neither replaces another of its kind.
    if (!free(said) || (bubble && Boolean(words.visit) >= Boolean(said.visit))) return;
    close();
    words = said;
    bubble = root.appendChild(document.createElement("kefu-words"));
    bubble.className = button.className;
    const inside = bubble.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    inside.adoptedStyleSheets = [sheet];
    const section = inside.appendChild(document.createElement("section"));
    // `all: initial` has reset the language, which chooses the font of Chinese.
    section.lang = look.lang;
    section.setAttribute("aria-live", "polite");
    // A screen reader reads what is added to a live region that is already there.
    setTimeout(() => fill(section, said), 50);
  }

  function fill(section, { text, name }) {
    const make = (tag, kind, content) => {
      const element = section.appendChild(document.createElement(tag));
      element.className = kind;
      element.textContent = content;
      return element;
    };
    make("p", "name", name).dir = "auto";
    const answer = make("button", "words", text);
    answer.dir = "auto";
    answer.title = texts.answer;
    answer.onclick = window.Kefu.open;
    const no = make("button", "no", "");
    no.setAttribute("aria-label", texts.dismiss);
    no.title = texts.dismiss;
    no.onclick = () => finish("dismissed");
    const svg = no.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", "M6 6 18 18M18 6 6 18");
  }

  function finish(done) {
    if (done === "dismissed") button.focus();
    close();
    visit = keep({ ...visit, done, answered: words.visit });
    if (done === "opened") hand();
    else {
      words = null;
      if (told) report({ keepalive: true });
    }
  }

  function close() {
    bubble?.remove();
    bubble = null;
  }

  // Tells the chat in the frame what its visitor answers.
  function hand() {
    if (words && !bubble) frame()?.contentWindow.postMessage({ kefu: "words", ...words }, home);
  }

  function frame() {
    // Before the frame has sent a message, nobody there listens.
    return root.querySelector(".ready iframe");
  }

  function read() {
    try {
      return JSON.parse(stored(memory)) ?? {};
    } catch {
      return {};
    }
  }

  function keep(value) {
    try {
      localStorage.setItem(memory, JSON.stringify(value));
    } catch {}
    return value;
  }
}

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
