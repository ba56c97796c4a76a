// Another team looks after the visitor than the page shows: replaces its name, faces, status and
// questions. The server renders them, so the page is fetched again; the thread and the draft stay.
// Loaded when it happens.

import { fetched } from "../shared/fetched.js";

const PARTS = [".faces", ".status", ".questions"];

// page: the body's data. What cannot be fetched now stays until the next hello.
export async function showServingTeam(page) {
  const fresh = await fetched(page.self);
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
