// A list below the element that keeps the focus: arrows move the mark, Enter chooses. The command
// palette and the pickers use it.

const PAGE = 8;

// How well `words` match a name: 0 at its beginning, 1 at the beginning of a word, 2 elsewhere, 3
// as letters in this order, null not at all. Chinese has no word boundaries, so 2 is the best there
// after 0.
export function fit(name, words) {
  const all = name.toLowerCase();
  const wanted = words.trim().toLowerCase();
  const at = all.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return new RegExp(String.raw`(^|[^\p{L}\p{N}])$`, "u").test(all.slice(0, at)) ? 1 : 2;
  let from = 0;
  for (const letter of wanted.replace(/\s+/gu, "")) {
    from = all.indexOf(letter, from) + 1;
    if (!from) return null;
  }
  return 3;
}

// The choices that match, the best first, at most `most` of them.
export function best(choices, words, most) {
  return choices
    .map((choice) => [fit(choice.name, words), choice])
    .filter(([how]) => how !== null)
    .sort(([one], [other]) => one - other)
    .slice(0, most)
    .map(([, choice]) => choice);
}

export class ChoiceList {
  // field: the element that keeps the focus, a combobox or the list itself. list: a listbox with an
  // id. none: shows `nothing` where no choice is left. draw(choice): the nodes of its option.
  constructor({ field, list, none, nothing, draw, onChoose }) {
    Object.assign(this, { field, list, none, nothing, draw, onChoose, shown: [], marked: 0 });
    field.addEventListener("keydown", (event) => this.pressed(event));
    // The field must keep the focus.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.at));
    });
  }

  // sections: [title, choices] in order; those without choices are left out.
  show(sections, marked = 0) {
    this.shown = sections.flatMap(([, choices]) => choices);
    let at = 0;
    this.list.replaceChildren(
      ...sections
        .filter(([, choices]) => choices.length)
        .map(([title, choices]) => section(title, choices.map((choice) => this.option(choice, at++)))),
    );
    this.none.textContent = this.shown.length ? "" : this.nothing;
    this.mark(Math.min(marked, this.shown.length - 1));
  }

  option(choice, at) {
    const option = document.createElement("div");
    Object.assign(option, { id: `${this.list.id}-${at}`, role: "option" });
    option.dataset.at = at;
    option.append(...this.draw(choice));
    return option;
  }

  mark(at) {
    this.marked = at;
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const marked = Number(option.dataset.at) === at;
      option.ariaSelected = String(marked);
      if (marked) option.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { length } = this.shown;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[event.key];
    if (event.key === "Enter") this.choose(this.marked);
    else if (step && Math.abs(step) === 1 && length) this.mark((this.marked + step + length) % length);
    else if (step && length) this.mark(Math.max(0, Math.min(length - 1, this.marked + step)));
    else return;
    event.preventDefault();
  }

  choose(at) {
    if (this.shown[at]) this.onChoose(this.shown[at]);
  }
}

function section(name, options) {
  const section = document.createElement("div");
  section.role = "group";
  section.ariaLabel = name;
  if (name) section.append(part("p", name, { ariaHidden: "true" }));
  section.append(...options);
  return section;
}

// An element with these words.
export function part(tag, words, rest = {}) {
  return Object.assign(document.createElement(tag), { textContent: words, ...rest });
}
