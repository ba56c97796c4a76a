// Another team looks after the visitor than the page shows: replaces its name, faces, status and
// questions. The server renders them, so the page is fetched again; the thread and the draft stay.
// Loaded when it happens.

const PARTS = [".faces", ".status", ".questions"];

// page: the body's data. What cannot be fetched now stays until the next hello.
export async function showServingTeam(page) {
  const fresh = await fetchPage(page.self);
  const { me, serving } = fresh?.body.dataset ?? {};
  // Another visitor by now: their own page shows it.
  if (!serving || me !== page.me) return;
  page.serving = serving;
  for (const part of PARTS) {
    const [old, now] = [document, fresh].map((tree) => tree.querySelector(part));
    old.replaceChildren(...now.childNodes);
    old.hidden = now.hidden;
  }
}

// The policy lets no string become markup. A parsed response is no string, and runs no scripts.
export function fetchPage(address) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onloadend = () => resolve(request.response);
    request.send();
  });
}
