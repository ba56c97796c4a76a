// The visitor's word on a closed conversation: five stars and a comment. Fetched when one closes.

import { postForm } from "./http.js";
import { text } from "./text.js";

// send(frame): false while there is no socket; then it goes by HTTP.
export function takeRating(form, send) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { score, comment } = Object.fromEntries(new FormData(form));
    const thanks = form.querySelector(".thanks");
    try {
      if (!send({ type: "rate", score: Number(score), comment })) await postForm(form.action, { score, comment });
      thanks.textContent = text("thanks");
    } catch {
      thanks.textContent = text("not_rated");
    }
  });
}
