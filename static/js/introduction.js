// What the page asks besides the message: before the first one, and an address while nobody is there.

export class Introduction {
  // root: the fields, or null where nothing is asked.
  constructor(root) {
    this.root = root;
    // What was read before on the enterprise's site: { rule } or { visit }.
    this.before = null;
    root?.addEventListener("input", ({ target }) => target.removeAttribute("aria-invalid"));
  }

  get fields() {
    return [...(this.root?.querySelectorAll("input:enabled") ?? [])];
  }

  get said() {
    const filled = this.fields.filter(({ type, checked, value }) => (type === "checkbox" ? checked : value.trim()));
    const said = Object.fromEntries(filled.map(({ type, name, value }) => [name, type === "checkbox" || (type === "hidden" ? Number(value) : value.trim())]));
    return { ...said, ...this.before };
  }

  // What goes along with a message: {} where nothing is said, null while something is missing or
  // wrong, which the browser then tells at the field.
  take() {
    if (!this.fields.every((field) => field.reportValidity())) return null;
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
    field?.focus();
    field?.setAttribute("aria-invalid", "true");
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
