// Asks below the assistant's latest answer whether it helped. The server has the form's words, so a page
// on which such an answer is new takes it from there.

import { postForm } from "../connection/http.js";
import { fetched } from "../shared/fetched.js";
import { text } from "../shared/text.js";

let asked = null;

// page: the body's data; view: the ThreadView; seq: that of the answer. Without a network the next answer
// asks.
export async function askBelow(page, view, seq) {
  asked ??= prepared(page);
  const form = await asked;
  const answer = view.list.querySelector(`.message[data-seq="${seq}"]`);
  if (!form) asked = null;
  if (!form || !answer || answer.contains(form)) return;
  press(form, null);
  form.elements.seq.value = seq;
  view.anchor.keep(() => answer.append(form));
}

async function prepared(page) {
  const form = document.querySelector(".helpful") ?? (await fetched(page.self))?.querySelector(".helpful");
  form?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    send(form, button);
  });
  return form;
}

async function send(form, button) {
  const before = form.querySelector('[aria-pressed="true"]');
  press(form, button);
  try {
    await postForm(form.action, { seq: form.elements.seq.value, helpful: button.value });
    button.title = "";
  } catch {
    press(form, before);
    button.title = text("not_done");
  }
}

function press(form, pressed) {
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
}
