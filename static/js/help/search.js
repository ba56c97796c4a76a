// Search in the help centre while one types: a list of articles below the field, whose last line asks a person.

import { fill } from "../shared/text.js";
import { marked } from "../shared/words.js";
import { once } from "./results.js";

const PAUSE = 250; // Milliseconds without a key after which is searched.
const SEEN = 1500; // Milliseconds after which what stands there was seen, and is no half of a word.
const SHOWN = 6;

export class Search {
  // form: that of the page. onSeen(words): results were seen. onChoose(words): by which an article is opened.
  constructor(form, { onSeen, onChoose }) {
    Object.assign(this, { form, onSeen, onChoose, chosen: -1, words: "" });
    this.field = form.querySelector("[type=search]");
    this.panel = form.querySelector(".panel");
    this.list = form.querySelector("[role=listbox]");
    this.status = form.querySelector("[role=status]");
    for (const [name, value] of [["role", "combobox"], ["aria-controls", "found"], ["aria-expanded", "false"], ["aria-autocomplete", "list"]]) {
      this.field.setAttribute(name, value);
    }
    this.field.addEventListener("input", () => this.onInput());
    this.field.addEventListener("focus", () => this.open(this.list.children.length > 0));
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.open(false));
    // The field keeps the focus, so that the list is there when the click comes.
    this.panel.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.go(event.target.closest("[role=option]")));
  }

  onInput() {
    clearTimeout(this.pause);
    clearTimeout(this.seen);
    this.words = this.field.value.trim();
    if (this.words) this.pause = setTimeout(() => this.find(this.words), PAUSE);
    else this.show([]);
  }

  async find(words) {
    const query = new URLSearchParams({ q: words, limit: String(2 * SHOWN) });
    const answer = await fetch(`${this.form.dataset.results}?${query}`).catch(() => null);
    // Where the server is slow the form still works; an answer to former words is too late.
    if (!answer?.ok || words !== this.words) return;
    const { results } = await answer.json();
    if (words !== this.words) return;
    this.show(once(results, words, document.documentElement.lang).slice(0, SHOWN), words);
    this.seen = setTimeout(() => this.see(), SEEN);
  }

  // Once for the same words.
  see() {
    clearTimeout(this.seen);
    if (this.last !== this.words) this.onSeen(this.words);
    this.last = this.words;
  }

  show(results, words = "") {
    const { ask, words: asking, found, foundOne, none } = this.form.dataset;
    const options = results.map((one) => this.option(one.url, one.title, one.snippet, words));
    if (words) {
      const last = this.option(`${ask}?${new URLSearchParams({ q: words })}`, fill(asking, { words }));
      last.classList.add("ask");
      options.push(last);
    }
    this.list.replaceChildren(...options);
    const counted = results.length === 1 ? foundOne : fill(found, { n: results.length });
    this.status.textContent = words && (results.length ? counted : none);
    this.choose(-1);
    this.open(options.length > 0);
  }

  option(url, title, snippet = "", words = "") {
    const option = Object.assign(document.createElement("li"), { role: "option", id: `found-${url}`, dir: "auto" });
    option.dataset.url = url;
    const line = option.appendChild(document.createElement("span"));
    line.append(...pieces(title, words));
    if (snippet) line.appendChild(document.createElement("small")).append(...pieces(snippet, words));
    return option;
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.list.children.length;
    if (event.isComposing || !count) return;
    if (step) {
      this.open(true);
      // One place more than options: that of the field itself.
      this.choose(((this.chosen + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Escape" && !this.panel.hidden) this.open(false);
    else if (event.key === "Enter" && this.chosen >= 0) this.go(this.list.children[this.chosen]);
    else return;
    event.preventDefault();
  }

  choose(at) {
    this.chosen = at;
    for (const [place, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(place === at));
    const option = this.list.children[at];
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  open(is) {
    this.panel.hidden = !is;
    this.field.setAttribute("aria-expanded", String(is));
  }

  go(option) {
    if (!option) return;
    this.see();
    if (!option.matches(".ask")) this.onChoose(this.words);
    location.assign(option.dataset.url);
  }
}

function pieces(text, words) {
  const mark = (textContent) => Object.assign(document.createElement("mark"), { textContent });
  return marked(text, words).map((piece, at) => (at % 2 ? mark(piece) : piece));
}
