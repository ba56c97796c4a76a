// Tells the chat in the frame which page the site around it shows, so that agents see what the
// visitor looks at. The widget (widget.js) brings it together with the frame; a module without
// imports, since it is served under a name that never changes.

const EVERY = 1_000;

// frame: the chat's; home: its origin.
export function start(frame, home) {
  let told = "";

  addEventListener("message", ({ origin, source, data }) => {
    if (origin === home && source === frame.contentWindow && data?.kefu === "where") tell();
  });
  // The frame may have asked before there was anybody to hear it.
  tell();
  // Of a page that goes on without loading a browser tells nobody.
  setInterval(() => told !== location.href && tell(), EVERY);

  function tell() {
    told = location.href;
    frame.contentWindow.postMessage({ kefu: "page", url: told, referrer: document.referrer }, home);
  }
}
