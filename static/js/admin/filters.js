// On a phone the filters of a list are longer than the list: those in which nothing is chosen are closed.

const phone = window.matchMedia("(max-width: 767px)");
if (phone.matches) {
  for (const filter of document.querySelectorAll("#changelist-filter details")) {
    const chosen = filter.querySelector("li.selected:not(:first-child), input[type=date][value]:not([value=''])");
    if (!chosen) filter.open = false;
  }
}
