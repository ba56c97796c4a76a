// Another team looks after the visitor than the page shows: its name, its faces, whether it is there
// and its questions take their places. All of that is the server's to make, so the page is asked for
// again; what is written, read and on its way stays. Fetched when it happens.

import { load } from "../shared/text.js";

const PARTS = [".faces", ".status", ".questions"];

// page: the body's data. What cannot be fetched now stays until the next hello.
export async function showServing(page) {
  const fresh = await fetchPage(page.self);
  const { me, serving } = fresh?.body.dataset ?? {};
  // Somebody else by now: their own page tells.
  if (!serving || me !== page.me) return;
  page.serving = serving;
  load(fresh);
  for (const part of PARTS) {
    const [old, now] = [document, fresh].map((tree) => tree.querySelector(part));
    old.replaceChildren(...now.childNodes);
    old.hidden = now.hidden;
  }
}

// The policy lets no string become markup. What a request parses is no string, and runs no script.
function fetchPage(address) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onloadend = () => resolve(request.response);
    request.send();
  });
}
