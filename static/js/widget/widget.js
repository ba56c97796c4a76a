// The chat on other sites: a button, a panel with the chat page in it, and one global, Kefu
// (docs/widget.md). A classic script without imports, so that one <script async> runs it. It only
// creates elements and sets properties: no markup and no inline style, so that a strict policy of
// the site need allow only this host's scripts, frames and requests.

(() => {
  const script = document.currentScript ?? document.querySelector("script[data-ent]");
  // A second copy on the page, or a script without an enterprise.
  if (window.Kefu || !script?.dataset.ent) return;
  const { ent, team, lang, user, ...chosen } = script.dataset;
  const home = new URL(script.src).origin;
  const key = `kefu:${ent}`;
  const bus = new EventTarget();
  const EVENTS = ["ready", "open", "close", "unread", "message", "rated"];

  const CSS = `
:host { all: initial }
.left { left: 20px } .right { right: 20px }
button {
  position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483647;
  display: flex; align-items: center; gap: 8px; height: 56px; padding: 0 15px;
  border: 0; border-radius: 28px;
  font: 600 15px/1 system-ui, sans-serif;
  box-shadow: 0 4px 16px rgb(0 0 0 / 24%); cursor: pointer
}
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 5px #111 }
svg { width: 26px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round }
span:empty, b:empty, .open + button span, [hidden], [hidden] ~ * { display: none }
b {
  position: absolute; top: -5px; right: -5px; min-width: 11px; padding: 0 6px; border-radius: 12px;
  background: #c1272d; color: #fff; font: 600 13px/23px system-ui, sans-serif
}
div {
  position: fixed; bottom: 92px; z-index: 2147483647; width: min(384px, 100vw - 40px);
  height: min(640px, 100vh - 112px); overflow: hidden; border-radius: 16px; background: #f5f7f9;
  box-shadow: 0 8px 40px rgb(0 0 0 / 24%); transition: .16s
}
div:not(.open) { visibility: hidden; opacity: 0; transform: translateY(12px) }
iframe { display: block; width: 100%; height: 100%; border: 0 }
@media (prefers-color-scheme: dark) { div { background: #1a1e26 } }
@media (max-width: 480px), (max-height: 480px) {
  div[class] { inset: 0; top: var(--top, 0); width: auto; height: var(--height, 100%); border-radius: 0 }
  .ready.open + button { display: none }
}
@media (prefers-reduced-motion) { div { transition: none } }
@media print { :host { display: none } }`;

  // look: the enterprise's settings (GET …/widget/), which are missing until they arrive.
  let look, root, panel, button, path, badge, frame;
  let opened = !!memory("sessionStorage");
  // ready: whether the frame has sent a message; before, nobody there listens. words: what the site
  // wants in its field, until it has that. last: the last exchange of a token, since one must not
  // overtake another. former: what had the focus before the frame.
  let ready, words, last, byHand, hidden, former;
  // told: the number of unread messages that the site has heard of.
  let unread = 0;
  let told = 0;

  window.Kefu = Object.freeze({
    open(options) {
      words = options?.text;
      turn(true);
      // It may have been open before.
      if (words) draw();
    },
    // Its address goes the way of a text; the chat (host_page.js) knows the one from the other.
    article: async (slug) => Kefu.open({ text: sure(await tell(`article/${slug}/`)) }),
    close: () => turn(false),
    show: () => hide(false),
    hide: () => hide(true),
    identify: (token) => (last = identify(token, last)),
    on(name, handler) {
      if (!EVENTS.includes(name)) throw TypeError(`${name} is none of ${EVENTS}`);
      const listener = ({ detail }) => handler(detail);
      bus.addEventListener(name, listener);
      if (root && name === "ready") handler();
      return () => bus.removeEventListener(name, listener);
    },
  });

  if (user) Kefu.identify(user).catch(console.warn);
  fetch(address("widget/", { colour: chosen.colour }))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(build)
    .catch((reason) => console.warn(`Kefu: ${reason}. Is ${location.origin} among its sites?`));

  function address(place, more) {
    const query = Object.entries({ embed: 1, team, lang, ...more }).filter(([, value]) => value);
    return `${home}/chat/${ent}/${place}?${new URLSearchParams(query)}`;
  }

  function build(answer) {
    look = { ...answer, ...chosen };
    const host = document.createElement("kefu-chat");
    root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    panel = add(root, "div");
    button = add(root, "button");
    const svg = add(button, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    path = add(svg, "path");
    add(button, "span").textContent = look.label;
    badge = add(button, "b");
    panel.className = button.className = look.side === "left" ? "left" : "right";
    button.lang = look.lang;
    button.style.background = look.ground;
    button.style.color = look.ink;
    button.onclick = () => turn(!opened);
    // A handler that returns false would take the button's other keys away.
    button.onkeydown = ({ key }) => {
      if (key === "Escape") turn(false);
    };
    // Frameworks that render the whole document or replace its body would remove it.
    const stay = () => host.isConnected || document.documentElement.append(host);
    new MutationObserver(stay).observe(document.documentElement, { childList: true });
    stay();
    addEventListener("message", hear);
    draw();
    ask();
    // Greetings and the list of visitors, where the enterprise wants them.
    if (look.inviting) bring("inviting", root, look, tell, key);
    emit("ready");
  }

  function add(parent, name) {
    return parent.appendChild(/svg|path/.test(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name));
  }

  function bring(name, ...more) {
    import(`${home}/${name}.js`).then(({ start }) => start(...more)).catch(() => {});
  }

  function turn(to) {
    if (to === opened) return;
    if ((byHand = opened = to)) former = document.activeElement;
    memory("sessionStorage", to);
    draw();
    emit(to ? "open" : "close");
  }

  function hide(value) {
    if ((hidden = value)) turn(false);
    draw();
  }

  function emit(name, detail) {
    bus.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function draw() {
    if (!look) return;
    if (opened && !frame) {
      frame = add(panel, "iframe");
      frame.title = look.name;
      frame.allow = "autoplay; clipboard-write";
      frame.src = address("", { host: location.origin });
      bring("beside", frame, home, emit);
    }
    // The focus moves only when the visitor opens or closes the panel.
    const within = frame === root.activeElement;
    panel.classList.toggle("open", opened);
    button.hidden = hidden;
    path.setAttribute("d", opened ? "M6 6 18 18M18 6 6 18" : "M4 5h16v11H9l-5 4zM8 9h8M8 12h5");
    button.setAttribute("aria-expanded", opened);
    if (opened && (byHand || words)) {
      frame.focus();
      if (ready) {
        frame.contentWindow.postMessage({ kefu: "open", text: words }, home);
        byHand = words = "";
      }
    } else if (!opened && within) (hidden ? former : button)?.focus();
    count(unread);
  }

  function hear({ origin, source, data }) {
    if (origin !== home || source !== frame?.contentWindow) return;
    if (data.kefu === "close") turn(false);
    if (data.kefu !== "state") return;
    panel.classList.add("ready");
    note(data);
    if (ready) return;
    ready = true;
    draw();
  }

  // Before the first opening there is no frame, and nothing is asked for a visitor who never wrote.
  async function ask() {
    if (frame) return;
    const answer = !document.hidden && !!memory("localStorage") && (await tell("unread/"));
    if (!frame) note(answer);
    setTimeout(ask, 6e4);
  }

  // Signs the visitor in by a token that the site's server made; without one, out.
  async function identify(user, before) {
    await before?.catch(() => {});
    const answer = sure(await tell("identity/", { method: "POST", body: new URLSearchParams(user && { user }) }));
    if (!frame) note(answer);
    // Until its new page listens.
    else if (answer.changed) ready = !(frame.src = frame.src);
  }

  // Throws what an answer says is wrong.
  function sure({ error, reason = error, detail = error, ...answer }) {
    if (error) throw Object.assign(Error(detail), { reason });
    return answer;
  }

  function tell(place, options) {
    return fetch(address(place), { credentials: "include", ...options }).then((answer) => answer.json()).catch(() => ({ error: "offline" }));
  }

  function note({ known, unread: value }) {
    if (value === undefined) return;
    // A team without a conversation says nothing of another's.
    if (known || !team || memory("localStorage") === team) memory("localStorage", known && (team ?? known));
    count(value);
  }

  function count(value) {
    unread = value;
    if (!look) return;
    badge.textContent = !unread || opened ? "" : unread > 99 ? "99+" : unread;
    const { open, close, news } = look.texts;
    button.setAttribute("aria-label", opened ? close : (look.label || open) + (unread ? ` (${news.replace("{n}", unread)})` : ""));
    if (told === unread) return;
    emit("unread", (told = unread));
    // What is new stands above the button, and its number before the page's title.
    bring("preview", root, look, tell, key, unread);
  }

  // Reads without `value`; otherwise stores it, or removes it if it is empty. Without storage
  // nothing is kept.
  function memory(area, value) {
    try {
      if (value === undefined) return window[area][key];
      if (value) window[area][key] = value;
      else delete window[area][key];
    } catch {}
  }
})();
