// Loads stylesheets of parts that are loaded late; the page has their addresses.

const ready = new Map();

// Returns a promise: without its styles a part would jump. What fails is asked for again at the next
// need.
export function stylesheet(href) {
  if (!ready.has(href)) {
    const link = document.createElement("link");
    const loaded = new Promise((onload, onerror) => Object.assign(link, { rel: "stylesheet", href, onload, onerror }));
    document.head.append(link);
    const failed = () => {
      link.remove();
      ready.delete(href);
    };
    ready.set(href, loaded.catch(failed));
  }
  return ready.get(href);
}
