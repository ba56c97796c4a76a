// Tells the chat in the frame which page the site around it shows, so that agents see what the
// visitor looks at. The widget (widget.js) brings it together with the frame; a module without
// imports, since it is served under a name that never changes.

const EVERY = 1_000;

// frame: the chat's; home: its origin; ready(): whether the frame has spoken to the widget by now.
// Until it speaks it may still show about:blank, and a message for `home` would be an error in the
// console of the site.
export function start(frame, home, ready) {
  let told = "";

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== home || source !== frame.contentWindow || !data?.kefu) return;
    if (!told || data.kefu === "where") tell();
  });
  // What the frame asked before this was loaded has been missed.
  if (ready()) tell();
  // Of a page that goes on without loading a browser tells nobody.
  setInterval(() => told && told !== location.href && tell(), EVERY);

  function tell() {
    told = location.href;
    frame.contentWindow.postMessage({ kefu: "page", url: told, referrer: document.referrer }, home);
  }
}
