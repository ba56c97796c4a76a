// A card between the thread and the field: what the assistant made, which nobody but colleagues sees.
// It takes no focus.

import { clone } from "../pickers/picker.js";
import { plural, text } from "../../shared/text.js";
import { marked, sources } from "../../thread/citations.js";

export class Card {
  // kind: draft or summary. actions: what its buttons do, by name.
  constructor({ kind, place, actions }) {
    this.root = clone("#assistant-card");
    this.root.dataset.kind = kind;
    this.root.hidden = true;
    this.part("title").textContent = this.root.ariaLabel = text(`ai_${kind}`);
    this.root.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) actions[button.name](button.value);
    });
    place.prepend(this.root);
  }

  part(name) {
    return this.root.querySelector(`.ai-${name}`);
  }

  get isShown() {
    return !this.root.hidden;
  }

  // Whether there is a text that can be used.
  get isFull() {
    return this.isShown && "full" in this.root.dataset;
  }

  // Words in place of a text: that it is being made, or why there is none.
  say(words, busy = false) {
    this.fill({ text: "", citations: [] }, words);
    this.root.toggleAttribute("data-busy", busy);
  }

  fill({ text: made, citations = [] }, words = text(`ai_there_${this.root.dataset.kind}`)) {
    const articles = sources(citations);
    this.root.hidden = false;
    for (const name of ["data-busy", "data-taken"]) this.root.removeAttribute(name);
    this.root.toggleAttribute("data-full", Boolean(made));
    this.part("from").textContent = articles.length ? plural("ai_from", articles.length) : "";
    this.part("text").replaceChildren(...marked([made], citations).map((piece) => piece.parts ? mark(piece.parts[0]) : piece));
    this.part("sources").replaceChildren(...articles.map(source));
    this.tell(words);
    this.part("helpful").hidden = false;
    this.part("thanks").hidden = true;
  }

  // A status that is shown with its words is spoken by no screen reader: they come once it is there.
  tell(words) {
    const line = this.part("words");
    line.textContent = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (line.textContent = words), 50);
  }

  // Its text stands in the field.
  taken() {
    this.root.toggleAttribute("data-taken", true);
  }

  // What was pressed goes away, and its focus goes to the button beside it.
  thank() {
    if (this.root.contains(document.activeElement)) this.root.querySelector('[name="dismiss"]').focus();
    this.part("helpful").hidden = true;
    this.part("thanks").hidden = false;
    this.tell(this.part("thanks").textContent);
  }

  hide() {
    this.root.hidden = true;
  }
}

const mark = (n) => Object.assign(document.createElement("b"), { className: "ai-mark", textContent: n });

function source({ title, url, numbers }) {
  const row = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", dir: "auto" });
  link.append(...numbers.map(mark), title);
  row.append(link);
  return row;
}
