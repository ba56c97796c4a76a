// Rows of another table in a form: more of them, and their order, by buttons or by dragging. Without this
// script there is an empty one more, and the order is a number.

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
      button.addEventListener("click", () => {
        if (move(card, step)) settle();
      });
    }
    const grip = card.querySelector(".row-grip");
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => event.button || drag(card, grip, event));
  };

  const beside = (card, step) => {
    const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    return other?.matches(".row-card") ? other : null;
  };

  // The other card moves: the one that is held would lose its focus, and the pointer.
  const move = (card, step) => {
    const other = beside(card, step);
    if (other && step < 0) card.after(other);
    else if (other) card.before(other);
    return other;
  };

  const settle = () => {
    all().forEach((one, at) => {
      place(one).value = at + 1;
    });
    changed();
  };

  const drag = (card, grip, { pointerId }) => {
    const follow = ({ clientY }) => {
      const passed = (step) => {
        const box = beside(card, step)?.getBoundingClientRect();
        return box && step * (clientY - box.top - box.height / 2) > 0;
      };
      for (const step of [-1, 1]) while (passed(step)) move(card, step);
    };
    const release = () => {
      grip.removeEventListener("pointermove", follow);
      grip.removeEventListener("lostpointercapture", release);
      card.classList.remove("held");
      settle();
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("lostpointercapture", release);
    card.classList.add("held");
    grip.setPointerCapture(pointerId);
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
