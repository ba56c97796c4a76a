// A small window at a button, with a list that letters filter. Loaded with the first one.

import { ChoiceList } from "./choice_list.js";
import { layers } from "../layers.js";
import { stylesheet } from "../../shared/styles.js";

// A small window below `button`, with a list and what follows it.
export class Picker {
  // A promise: without its styles the window would jump.
  static styles() {
    return stylesheet(document.querySelector("#picker-template").dataset.css);
  }

  // name: what it is called. placeholder: of the field that filters the list; without one there is
  // no field, and the list itself has the focus. draw(choice), onChoose(choice): as in ChoiceList.
  // onClose(): it was closed. place: what it stands behind, the button unless given.
  constructor(button, { name, placeholder, nothing, draw, onChoose, onClose, place = button }) {
    Object.assign(this, { button, place, onClose, onChange: () => {} });
    this.root = clone("#picker-template");
    this.root.ariaLabel = name;
    this.field = this.root.querySelector("input");
    const list = this.root.querySelector("[role=listbox]");
    list.ariaLabel = name;
    if (placeholder) this.field.placeholder = this.field.ariaLabel = placeholder;
    else this.field.remove();
    this.focus = placeholder ? this.field : list;
    if (!placeholder) list.tabIndex = 0;
    this.list = new ChoiceList({ field: this.focus, list, none: this.root.querySelector("[role=status]"), nothing, draw, onChoose });
    this.field.addEventListener("input", () => this.onChange());
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close(true);
    });
    this.root.addEventListener("focusout", ({ relatedTarget: to }) => to && !this.root.contains(to) && to !== button && this.close());
    this.away = (event) => {
      const { target } = event;
      if (this.root.contains(target) || button.contains(target) || !target.isConnected) return;
      this.close();
      if (!layers.narrow) return;
      // What lies behind a sheet is out of reach.
      event.preventDefault();
      event.stopPropagation();
    };
  }

  open() {
    this.place.after(this.root);
    this.button.ariaExpanded = "true";
    document.addEventListener("click", this.away, true);
    this.focus.focus();
    this.closed = layers.add(() => this.close());
  }

  close(back = false) {
    if (!this.root.isConnected) return;
    document.removeEventListener("click", this.away, true);
    this.button.ariaExpanded = "false";
    if (back) this.button.focus();
    this.root.remove();
    this.closed();
    this.onClose();
  }
}

// A new copy of what the page has in a template.
export const clone = (selector) => document.querySelector(selector).content.firstElementChild.cloneNode(true);
