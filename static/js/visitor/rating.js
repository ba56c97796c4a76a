// The rating of a closed conversation: five stars and a comment. Loaded when one closes.

import { postForm } from "../connection/http.js";
import { text } from "../shared/text.js";

// It is sent by HTTP, whose answer says whether it is stored: a refused frame (too many at once, no
// database) would be thanked for. The rating replaces the form until it is changed.
export function takeRating(form) {
  const thanks = form.querySelector(".thanks");
  const again = form.querySelector(".again");
  const show = (score) => {
    form.toggleAttribute("data-rated", Boolean(score));
    again.hidden = !score;
    thanks.textContent = score ? text("given", { score }) : "";
  };
  if (form.dataset.given) show(form.dataset.given);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { score, comment } = Object.fromEntries(new FormData(form));
    try {
      await postForm(form.action, { score, comment });
      form.dispatchEvent(new CustomEvent("rated", { detail: Number(score) }));
      show(score);
      again.focus();
    } catch {
      thanks.textContent = text("not_rated");
    }
  });
  again.addEventListener("click", () => {
    show("");
    form.querySelector("[name=score]:checked").focus();
  });
  // The next reception has no rating yet.
  form.addEventListener("reset", () => show(""));
  // From here on it is sent without leaving the page.
  form.dataset.ready = "true";
}
