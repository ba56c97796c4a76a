// The administration's page about the widget: a choice is shown at once. Without this script the form
// has its own button.

const form = document.querySelector(".wishes");
const button = form.querySelector("[type=submit]");
form.addEventListener("change", () => button.click());
button.hidden = true;
