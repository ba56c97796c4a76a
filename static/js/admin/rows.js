// Rows of another table in a form: more of them, and their order. Without this script there is an empty
// one more, and the order is a number.

const fill = (text, number) => text.replaceAll("__prefix__", number);

export function editRows(form) {
  for (const group of form.querySelectorAll(".rows")) editGroup(group, () => form.dispatchEvent(new Event("input")));
}

function editGroup(group, changed) {
  const cards = group.querySelector(".row-cards");
  const total = group.querySelector("[name$='-TOTAL_FORMS']");
  const all = () => [...cards.querySelectorAll(":scope > .row-card")];
  const place = (card) => card.querySelector(`.field-${group.dataset.order} input`);
  // The empty one is for those without scripts.
  total.value = all().length;

  const prepare = (card) => {
    if (!group.dataset.order) return;
    place(card).closest(".form-row").hidden = true;
    for (const [name, step] of [["up", -1], ["down", 1]]) {
      const button = card.querySelector(`.row-${name}`);
      button.hidden = false;
      button.addEventListener("click", () => move(card, step, button));
    }
  };

  const move = (card, step, button) => {
    const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (!other?.matches(".row-card")) return;
    if (step < 0) other.before(card);
    else other.after(card);
    all().forEach((one, at) => {
      place(one).value = at + 1;
    });
    button.focus();
    changed();
  };

  const add = group.querySelector(".row-add");
  if (add) {
    add.hidden = false;
    add.addEventListener("click", () => {
      const card = cards.querySelector("template").content.firstElementChild.cloneNode(true);
      for (const element of [card, ...card.querySelectorAll("*")])
        for (const { name, value } of [...element.attributes])
          if (value.includes("__prefix__")) element.setAttribute(name, fill(value, total.value));
      if (group.dataset.order) place(card).value = Math.max(0, ...all().map((one) => Number(place(one).value))) + 1;
      total.value = Number(total.value) + 1;
      cards.querySelector("template").before(card);
      prepare(card);
      card.querySelector("input:not([type=hidden], [type=checkbox]), select, textarea").focus();
      changed();
    });
  }
  all().forEach(prepare);
}
