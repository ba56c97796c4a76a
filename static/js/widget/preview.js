// Shows above the closed button what an agent has answered: face, name, the first two lines; and
// before the page's title how many messages are unread, while nobody looks at it. The widget
// (widget.js) loads it with the first answer that the visitor has not read. It is a module without
// imports, since it is served under a fixed name.

const CSS = `
:host {
  all: initial; position: fixed; z-index: 2147483647; bottom: calc(max(20px, env(safe-area-inset-bottom)) + 72px);
  width: min(300px, calc(100vw - 40px)); color-scheme: light dark;
}
:host(.left) { left: 20px } :host(.right) { right: 20px }
section {
  position: relative; padding: 12px 14px; border-radius: 16px; background: #fff; color: #1a2230;
  box-shadow: 0 6px 28px rgb(0 0 0 / 22%); font: 14px/1.45 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif;
  animation: come .16s ease-out;
}
section:empty { display: none }
button { border: 0; background: none; color: inherit; font: inherit; cursor: pointer }
.open { display: block; width: 100%; padding: 0; text-align: start }
.open::after { position: absolute; inset: 0; border-radius: 16px; content: "" }
.who { display: flex; align-items: center; gap: 10px; padding-inline-end: 32px; font-weight: 600 }
.face { display: grid; place-items: center; flex: none; width: 28px; height: 28px; border-radius: 50%; overflow: hidden; background: #5d6b7c; color: #fff; font-size: 13px }
canvas { width: 100%; height: 100% }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.said { display: -webkit-box; margin-top: 6px; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; overflow-wrap: anywhere }
.no { position: absolute; z-index: 1; top: 4px; inset-inline-end: 4px; display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; color: #5f6a79 }
.no:hover { background: rgb(0 0 0 / 8%) }
.open:focus-visible { outline: 0 }
.open:focus-visible::after, .no:focus-visible { outline: 3px solid #1f6feb; outline-offset: 2px }
svg { width: 16px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round }
@keyframes come { from { opacity: 0; transform: translateY(8px) } }
@media (prefers-color-scheme: dark) {
  section { background: #242a35; color: #eef1f5; box-shadow: 0 6px 28px rgb(0 0 0 / 60%) }
  .no { color: #b4bdc9 }
  .no:hover { background: rgb(255 255 255 / 12%) }
  .open:focus-visible::after, .no:focus-visible { outline-color: #86b5ff }
}
@media (prefers-reduced-motion) { section { animation: none } }
@media print { :host { display: none } }`;

let card = null;
let asked = 0;
let unread;
// What stands before the page's title.
let prefix = "";

// root: the widget's shadow root; look: the enterprise's settings; tell(place): a request to its
// chat, as the widget makes it; place: where the browser keeps things; count: how many messages are
// unread. Called whenever that changes.
export async function start(root, look, tell, place, count) {
  const button = root.querySelector("button");
  const memory = `${place}:seen`;
  unread = count;
  entitle();
  if (!asked) {
    document.addEventListener("visibilitychange", entitle);
    window.Kefu.on("open", close);
    // Dismissed in another window.
    addEventListener("storage", ({ key, newValue }) => key === memory && Number(newValue) >= card?.id && close());
  }
  asked += 1;
  const mine = asked;
  const { news } = unread ? await tell("news/") : {};
  // Meanwhile the number has changed again.
  if (mine !== asked) return;
  if (!news) return close();
  if (card?.id === news.id || button.getAttribute("aria-expanded") === "true" || stored(memory) >= news.id) return;
  close();
  const host = root.appendChild(document.createElement("kefu-news"));
  host.className = button.className;
  card = { host, id: news.id };
  const inside = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  inside.adoptedStyleSheets = [sheet];
  const section = add(inside, "section");
  section.lang = look.lang;
  section.setAttribute("aria-live", "polite");
  section.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());
  // A screen reader reads what is added to a live region that is already there.
  setTimeout(() => fill(section), 50);

  function fill(section) {
    const open = add(section, "button", "open");
    open.onclick = window.Kefu.open;
    const who = add(open, "span", "who");
    const face = add(who, "span", "face", Array.from(news.name)[0]);
    face.setAttribute("aria-hidden", "true");
    if (news.avatar) paint(face, news.avatar);
    add(who, "span", "name", news.name === look.name ? news.name : `${news.name} · ${look.name}`).dir = "auto";
    add(open, "span", "said", news.text).dir = "auto";
    const no = add(section, "button", "no");
    no.title = look.texts.dismiss;
    no.setAttribute("aria-label", no.title);
    no.onclick = dismiss;
    const svg = no.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", "M6 6 18 18M18 6 6 18");
  }

  function dismiss() {
    try {
      localStorage.setItem(memory, news.id);
    } catch {}
    button.focus();
    close();
  }
}

function entitle() {
  const { title } = document;
  const own = title.startsWith(prefix) ? title.slice(prefix.length) : title;
  prefix = unread && document.hidden ? `(${unread}) ` : "";
  if (title !== prefix + own) document.title = prefix + own;
}

// The policy of a site may allow no pictures of ours, but it allows requests: so the picture is
// painted. Where that fails the letter stays.
async function paint(face, address) {
  try {
    const answer = await fetch(new URL(address, import.meta.url));
    const picture = await createImageBitmap(await answer.blob());
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 56;
    canvas.getContext("2d").drawImage(picture, 0, 0, 56, 56);
    face.replaceChildren(canvas);
  } catch {}
}

function close() {
  card?.host.remove();
  card = null;
}

function add(parent, name, kind = "", text = "") {
  const element = parent.appendChild(document.createElement(name));
  element.className = kind;
  if (text) element.textContent = text;
  return element;
}

function stored(name) {
  try {
    return Number(localStorage.getItem(name));
  } catch {
    return 0;
  }
}
