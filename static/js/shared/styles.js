// Loads stylesheets of parts that are loaded late; the page has their addresses.

const ready = new Map();

// Returns a promise: without its styles a part would jump.
export function stylesheet(href) {
  if (!ready.has(href)) {
    const loaded = new Promise((done) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href, onload: done, onerror: done });
      document.head.append(link);
    });
    ready.set(href, loaded);
  }
  return ready.get(href);
}
