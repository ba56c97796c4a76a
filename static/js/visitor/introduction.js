// The introduction: what the page asks besides the first message, and an address while nobody is
// there.

import { text } from "../shared/text.js";

export class Introduction {
  // root: the fields, or null if nothing is asked.
  constructor(root) {
    this.root = root;
    // Kept, since it moves to the field that it is about.
    this.line = root?.querySelector(".wrong");
    // What was read before on the enterprise's site: { rule } or { visit }.
    this.before = null;
    // The IntroductionSteps on a narrow screen.
    this.steps = null;
    root?.addEventListener("input", ({ target }) => this.mark(target, ""));
  }

  get fields() {
    return [...(this.root?.querySelectorAll("input:enabled") ?? [])];
  }

  get answers() {
    const filled = this.fields.filter(({ type, checked, value }) => (type === "checkbox" ? checked : value.trim()));
    const answers = Object.fromEntries(filled.map(({ type, name, value }) => [name, type === "checkbox" || (type === "hidden" ? Number(value) : value.trim())]));
    return { ...answers, ...this.before };
  }

  // What is sent with a message or a quick question: {} if nothing was filled in, null while
  // something is missing or wrong, which is shown at the field.
  collect() {
    const wrong = this.fields.find(({ validity }) => !validity.valid);
    if (wrong) {
      this.check(wrong);
      return null;
    }
    const { answers } = this;
    return Object.keys(answers).length ? { introduction: answers } : {};
  }

  // Whether this field may stay as it is; if not, that is shown.
  check(field) {
    const { valid, valueMissing } = field.validity;
    if (!valid) this.ask(field, valueMissing && field.type !== "checkbox" ? "missing" : `wrong_${field.name}`);
    return valid;
  }

  // The server refused this field.
  wrong(name) {
    const field = this.fields.find((one) => one.name === name);
    // The topic no longer exists, which nobody can correct: the next try goes without it.
    if (field?.type === "hidden") {
      field.parentElement.remove();
      return this.fold();
    }
    if (field) this.ask(field, `wrong_${name}`);
  }

  ask(field, words) {
    this.steps?.reveal(field);
    this.mark(field, text(words));
    field.focus();
  }

  // The error is in the page's language, unlike the browser's own bubble.
  mark(field, words) {
    const { line } = this;
    this.root.toggleAttribute("data-asking", Boolean(words));
    const place = field.closest(".field");
    if (place) place.append(line);
    else field.closest(".consent").after(line);
    line.textContent = words;
    field.ariaInvalid = words ? "true" : null;
    if (words) field.setAttribute("aria-describedby", line.id);
    else field.removeAttribute("aria-describedby");
  }

  // away: whether nobody is there now.
  away(away) {
    const email = this.root?.querySelector(".email");
    if (!email) return;
    const ask = Number(email.dataset.ask);
    const field = email.querySelector("input");
    // A field that is partly filled in stays.
    email.hidden = field.disabled = !ask && !away && !field.value;
    field.required = ask === 2 || ("must" in email.dataset && away);
    email.querySelector("i").hidden = field.required;
    this.fold();
  }

  // The first message or file was stored: nothing is asked twice. Returns whether an address was asked
  // for, the one that went along, and the one that was only typed.
  stored({ introduction, fields } = {}) {
    const { root, answers } = this;
    const asked = Boolean(root?.querySelector(".email"));
    Object.assign(this, { before: null, root: null, steps: null });
    root?.remove();
    return { asked, given: introduction?.email ?? fields?.email, typed: answers.email };
  }

  fold() {
    this.root.hidden = this.fields.length === 0;
    this.steps?.show(this.steps.at);
  }
}
