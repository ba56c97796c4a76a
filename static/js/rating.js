// The visitor's word on a closed conversation: five stars and a comment. Fetched when one closes.

import { postForm } from "./http.js";
import { text } from "./text.js";

// By HTTP, which answers whether it is stored: a frame that is refused (too much at once, no
// database) would be thanked for.
export function takeRating(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { score, comment } = Object.fromEntries(new FormData(form));
    const thanks = form.querySelector(".thanks");
    try {
      await postForm(form.action, { score, comment });
      thanks.textContent = text("thanks");
    } catch {
      thanks.textContent = text("not_rated");
    }
  });
}
