// Stylesheets of what is fetched only when it is needed; the page knows their addresses.

const ready = new Map();

// A promise: what is shown before would jump.
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
