// The stylesheet of what is fetched only when it is needed; the composer knows its address.

let ready;

// A promise: what is shown before would jump.
export function addStyles({ form }) {
  ready ??= new Promise((done) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: form.dataset.filesCss, onload: done, onerror: done });
    document.head.append(link);
  });
  return ready;
}
