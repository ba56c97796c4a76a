// What the site and the chat in the frame say to each other: which page the site shows, so that
// agents see what the visitor looks at, and what has happened in the chat. The widget (widget.js)
// brings it together with the frame; a module without imports, since it is served under a name that
// never changes.

const EVERY = 1_000;

// frame: the chat's, in the panel, whose class says whether it has spoken to the widget by now. Until
// then it may still show about:blank, and a message for `home`, its origin, would be an error in the
// console of the site. emit(name, detail): for who listens on the site.
export function start(frame, home, emit) {
  const panel = frame.parentNode;
  let told = "";

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== home || source !== frame.contentWindow || !data?.kefu) return;
    if (data.kefu === "event") emit(data.name, data.detail);
    if (!told || data.kefu === "where") tell();
  });
  // What the frame asked before this was loaded has been missed.
  if (panel.matches(".ready")) tell();
  // A touch keyboard covers the page without making it smaller.
  for (const name of ["resize", "scroll"]) window.visualViewport?.addEventListener(name, fit);
  // Of a page that goes on without loading a browser tells nobody.
  setInterval(() => told && told !== location.href && tell(), EVERY);

  function tell() {
    told = location.href;
    frame.contentWindow.postMessage({ kefu: "page", url: told, referrer: document.referrer }, home);
  }

  // Not for a page that was zoomed by hand.
  function fit() {
    const { height, offsetTop, scale } = window.visualViewport;
    if (scale > 1.01) return;
    panel.style.setProperty("--height", `${height}px`);
    panel.style.setProperty("--top", `${offsetTop}px`);
  }
}
