// Files that were chosen and are not sent yet, in the composer, for each conversation its own.

import { chip, sizeText } from "./attachment.js";
import { text } from "./text.js";

export class Tray {
  constructor({ form, limit, group }) {
    Object.assign(this, { limit, group });
    this.chosen = new Map();
    this.root = document.createElement("div");
    this.root.className = "tray";
    this.problem = document.createElement("p");
    Object.assign(this.problem, { className: "tray-problem", role: "alert" });
    this.list = document.createElement("ul");
    this.list.className = "plain-list";
    this.root.append(this.problem, this.list);
    form.querySelector(".writing").before(this.root);
    this.field = form.elements.content;
  }

  of(group) {
    return this.chosen.get(group) ?? [];
  }

  // `found`: {file, canvas} in the order they were chosen. What can only be refused stays out.
  add(group, found) {
    const good = found.filter(({ file }) => file.size && file.size <= this.limit);
    const bad = found.filter((one) => !good.includes(one)).map(({ file }) => {
      return text(file.size ? "attach_too_large" : "attach_empty", { name: file.name, limit: sizeText(this.limit) });
    });
    this.chosen.set(group, [...this.of(group), ...good]);
    this.use(this.group);
    this.problem.textContent = bad.join(" ");
    this.field.focus();
  }

  take(group) {
    const taken = this.of(group);
    this.chosen.delete(group);
    this.use(this.group);
    return taken;
  }

  // Shows those of one conversation.
  use(group) {
    this.group = group;
    this.problem.textContent = "";
    this.list.replaceChildren(...this.of(group).map((one) => this.row(one)));
  }

  row(one) {
    const row = document.createElement("li");
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: "×", ariaLabel: text("attach_remove", { name: one.file.name }) });
    remove.addEventListener("click", () => {
      this.chosen.set(this.group, this.of(this.group).filter((other) => other !== one));
      this.use(this.group);
      this.field.focus();
    });
    const [kind, ...words] = chip(one.file.name, one.file.size);
    row.append(one.canvas ?? kind, ...words, remove);
    return row;
  }
}
