// What the page asks besides the message: before the first one, and an address while nobody is there.

import { text } from "../shared/text.js";

export class Introduction {
  // root: the fields, or null where nothing is asked.
  constructor(root) {
    this.root = root;
    // Kept, since it goes with the field that it stands at.
    this.line = root?.querySelector(".wrong");
    // What was read before on the enterprise's site: { rule } or { visit }.
    this.before = null;
    root?.addEventListener("input", ({ target }) => this.mark(target, ""));
  }

  get fields() {
    return [...(this.root?.querySelectorAll("input:enabled") ?? [])];
  }

  get said() {
    const filled = this.fields.filter(({ type, checked, value }) => (type === "checkbox" ? checked : value.trim()));
    const said = Object.fromEntries(filled.map(({ type, name, value }) => [name, type === "checkbox" || (type === "hidden" ? Number(value) : value.trim())]));
    return { ...said, ...this.before };
  }

  // What goes along with a message or a quick question: {} where nothing is said, null while
  // something is missing or wrong, which is told at the field.
  take() {
    const wrong = this.fields.find(({ validity }) => !validity.valid);
    if (wrong) {
      this.ask(wrong, wrong.validity.valueMissing && wrong.type !== "checkbox" ? "missing" : `wrong_${wrong.name}`);
      return null;
    }
    const { said } = this;
    return Object.keys(said).length ? { introduction: said } : {};
  }

  // The server would not take this field.
  wrong(name) {
    const field = this.fields.find((one) => one.name === name);
    // A topic that is gone meanwhile: nobody can mend it, so the next try goes without.
    if (field?.type === "hidden") {
      field.parentElement.remove();
      return this.fold();
    }
    if (field) this.ask(field, `wrong_${name}`);
  }

  ask(field, words) {
    this.mark(field, text(words));
    field.focus();
  }

  // In the page's words and language, which a browser's own bubble has not.
  mark(field, words) {
    const { line } = this;
    const place = field.closest(".field");
    if (place) place.append(line);
    else field.closest(".consent").after(line);
    line.textContent = words;
    field.ariaInvalid = words ? "true" : null;
    if (words) field.setAttribute("aria-describedby", line.id);
    else field.removeAttribute("aria-describedby");
  }

  // Whether nobody is there just now.
  away(away) {
    const email = this.root?.querySelector(".email");
    if (!email) return;
    const ask = Number(email.dataset.ask);
    const field = email.querySelector("input");
    // What somebody has begun to write stays.
    email.hidden = field.disabled = !ask && !away && !field.value;
    field.required = ask === 2 || ("must" in email.dataset && away);
    email.querySelector("i").hidden = field.required;
    this.fold();
  }

  // A message or a file was stored, with this: nothing is asked twice.
  stored({ introduction, fields } = {}) {
    this.before = null;
    if (!this.root) return;
    for (const part of this.root.querySelectorAll(".once")) part.remove();
    const email = this.root.querySelector(".email");
    if (introduction?.email ?? fields?.email) email?.remove();
    else if (email) {
      delete email.dataset.must;
      email.dataset.ask = 0;
      email.querySelector("input").required = false;
      email.querySelector("i").hidden = false;
    }
    this.fold();
  }

  fold() {
    this.root.hidden = this.fields.length === 0;
  }
}
