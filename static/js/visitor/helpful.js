// Asks below the assistant's latest answer whether it helped. The server has the form's words, so a page
// on which such an answer is new takes it from there.

import { postForm } from "../connection/http.js";
import { fetched } from "../shared/fetched.js";

let asked = null;

// page: the body's data; view: the ThreadView; seq: that of the answer. failed(): what was said did not
// arrive. Without a network the next answer asks.
export async function askBelow(page, view, seq, failed) {
  asked ??= prepared(page, failed);
  const form = await asked;
  const answer = view.list.querySelector(`.message[data-seq="${seq}"]`);
  if (!form) asked = null;
  if (!form || !answer || answer.contains(form)) return;
  press(form, null);
  form.elements.seq.value = seq;
  view.anchor.keep(() => answer.append(form));
}

async function prepared(page, failed) {
  const form = document.querySelector(".helpful") ?? (await fetched(page.self))?.querySelector(".helpful");
  form?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    send(form, button, failed);
  });
  return form;
}

async function send(form, button, failed) {
  const before = form.querySelector('[aria-pressed="true"]');
  press(form, button);
  try {
    await postForm(form.action, { seq: form.elements.seq.value, helpful: button.value });
  } catch {
    press(form, before);
    failed();
  }
}

function press(form, pressed) {
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
}
