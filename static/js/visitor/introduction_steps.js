// The introduction on a narrow screen: one field at a time, so that it leaves room for what is
// written. Loaded there only; without it all fields are shown.

import { text } from "../shared/text.js";

export class IntroductionSteps {
  // introduction: the Introduction. done(): called after the last field.
  constructor({ introduction, done }) {
    Object.assign(this, { introduction, done, root: introduction.root });
    this.row = this.root.querySelector(".steps");
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.target.type === "checkbox" || !event.target.matches("input")) return;
      event.preventDefault();
      this.next();
    });
    this.row.querySelector(".next").addEventListener("click", () => this.next());
    this.row.querySelector(".before").addEventListener("click", () => this.move(-1));
    this.show(0);
  }

  // The fields that are asked for now.
  get parts() {
    return [...this.root.querySelectorAll(".field:not([hidden]), .consent")];
  }

  // at: the number of the part to show.
  show(at) {
    const { parts } = this;
    this.at = Math.max(0, Math.min(at, parts.length - 1));
    const several = parts.length > 1;
    this.root.toggleAttribute("data-steps", several);
    for (const part of parts) part.toggleAttribute("data-now", part === parts[this.at]);
    this.row.hidden = !several;
    this.row.querySelector(".place").textContent = text("step", { n: this.at + 1, of: parts.length });
    this.row.querySelector(".before").hidden = this.at === 0;
  }

  // Shows the part of this field.
  reveal(field) {
    this.show(this.parts.findIndex((part) => part.contains(field)));
  }

  next() {
    const field = this.parts[this.at]?.querySelector("input");
    if (field && !this.introduction.check(field)) return;
    if (this.at + 1 < this.parts.length) return this.move(1);
    this.done();
  }

  move(by) {
    this.show(this.at + by);
    this.parts[this.at].querySelector("input").focus();
  }
}
