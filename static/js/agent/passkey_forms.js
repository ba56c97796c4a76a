// Forms by which a passkey is made (data-passkey="make") or signs (data-passkey="sign"). They are
// hidden where the browser has none. The challenge stands in data-options, or is fetched.

import { postForm } from "../connection/http.js";
import { make, sign, supported } from "../shared/passkeys.js";

const DO = { make, sign };

async function submitted(event) {
  event.preventDefault();
  const form = event.target;
  const [error, button] = [form.querySelector(".field-error"), form.querySelector("button")];
  error.hidden = true;
  button.disabled = true;
  try {
    const { options } = form.dataset;
    // A challenge takes one answer, so another try fetches another page.
    const asked = options ? JSON.parse(options) : await postForm(form.getAttribute("action"), {});
    form.elements.credential.disabled = false;
    form.elements.credential.value = await DO[form.dataset.passkey](asked);
    form.submit();
  } catch (failure) {
    if (failure.facts?.confirm) return location.assign(failure.facts.confirm);
    error.hidden = false;
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !supported();
  form.addEventListener("submit", submitted);
}
