// The administration's page about the widget: a choice is shown at once, and the line can be
// copied. Without this script the form has its own button, and the line can be selected.

const form = document.querySelector(".wishes");
const button = form.querySelector("[type=submit]");
form.addEventListener("change", () => button.click());
button.hidden = true;

const copy = document.querySelector(".copy");
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(".line").textContent);
    copy.textContent = copy.dataset.done;
  });
}
