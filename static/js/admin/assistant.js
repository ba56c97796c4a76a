// The test of the model: while it runs, which takes seconds, the page says so and asks no second time.

const form = document.querySelector(".assistant-test");
const said = form.querySelector("[role=status]");
const before = said.textContent;

function show(busy) {
  form.querySelector("button").disabled = busy;
  said.replaceChildren(busy ? said.dataset.busy : before);
  if (busy) said.append(document.createElement("progress"));
}

form.addEventListener("submit", () => setTimeout(show, 0, true));
window.addEventListener("pageshow", ({ persisted }) => persisted && show(false));
