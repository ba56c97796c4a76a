// The switch between light, dark and the system's colours, without a new page.

import { postForm } from "../connection/http.js";

// root: an element with forms .theme (templates/chat/_theme.html). onFailure(failure).
export function switchTheme(root, onFailure) {
  for (const form of root.querySelectorAll("form.theme")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { value } = event.submitter;
      try {
        await postForm(form.action, { theme: value });
        show(form, value);
      } catch (failure) {
        onFailure(failure);
      }
    });
  }
}

// When the style sheet of the dark values counts; templates/base.html says the same.
const MEDIA = { light: "not all", dark: "all", system: "(prefers-color-scheme: dark)" };

function show(form, value) {
  form.ownerDocument.querySelector("#dark").media = MEDIA[value];
  for (const button of form.querySelectorAll("button")) {
    if (button.value === value) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}
