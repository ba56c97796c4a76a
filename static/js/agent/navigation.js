// The addresses of the workspace: which conversation one names, and the ways to and fro.

const GROUP = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

// links: to the inbox. go(group or null, push): opens it. onReturn(): before the browser's way back.
export function navigate({ links, go, onReturn }) {
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(null);
    });
  }
  window.addEventListener("popstate", () => {
    onReturn();
    go(location.pathname.match(GROUP)?.[0] ?? null, false);
  });
}
