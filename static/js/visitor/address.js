// Where answers are mailed to, once the visitor has written: kept by Save, by Enter, or by leaving
// the field, and shown from then on. Loaded when it is asked for.

import { postForm } from "../connection/http.js";
import { fetched } from "../shared/fetched.js";
import { text } from "../shared/text.js";

// The Address of this page; that of a fresh one where the page was made before the first message.
// Null where there is none. page: the body's data. find(selector): an element of this page.
export async function open({ page, find }) {
  let root = find(".address");
  if (!root) {
    root = (await fetched(page.self))?.querySelector(".address");
    if (!root) return null;
    find(".composer").before(root);
  }
  return new Address({ root, done: () => find("#content").focus() });
}

export class Address {
  // root: the <details>, as the server rendered it. done(): it was kept while the field had the
  // focus. post(url, fields) rejects with a Failure.
  constructor({ root, done = () => {}, post = postForm }) {
    Object.assign(this, { root, done, post });
    [this.summary, this.form, this.line] = ["summary", "form", ".wrong"].map((part) => root.querySelector(part));
    this.field = this.form.elements.email;
    // What is stored, and what is on its way to be.
    this.known = this.sent = root.open ? "" : this.field.value;
    this.form.noValidate = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    // Enter brings both.
    this.field.addEventListener("change", () => this.field.value.trim() && this.save());
    this.field.addEventListener("input", () => this.wrong(""));
  }

  // away: whether nobody is there now. What is being written stays. With the first message the
  // address `given` went along; `typed` did not.
  away(away, { given, typed } = {}) {
    if (given) this.show(given);
    else if (typed && !this.sent) {
      this.field.value = typed;
      this.save();
    }
    this.root.hidden = !away && !(this.root.open && this.field.value);
  }

  show(email) {
    this.known = this.sent = this.field.value = email;
    this.summary.textContent = text("mailed_to", { email });
    this.root.open = false;
  }

  async save() {
    const email = this.field.value.trim();
    if (!email || !this.field.validity.valid) return this.wrong("wrong_email");
    if (email === this.known) return this.show(email);
    if (email === this.sent) return;
    this.sent = email;
    try {
      await this.post(this.form.action, { email });
    } catch ({ code }) {
      this.sent = this.known;
      return this.wrong(/^(bad_field|too_long)$/.test(code) ? "wrong_email" : "not_done");
    }
    // It is being corrected.
    if (this.field.value.trim() !== email) return void (this.known = email);
    const here = this.form.matches(":focus-within");
    this.show(email);
    if (here) this.done();
  }

  wrong(key) {
    this.line.textContent = key && text(key);
    this.field.ariaInvalid = key ? "true" : null;
  }
}
