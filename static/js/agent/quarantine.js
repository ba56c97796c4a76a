// The bar above a conversation that is held as spam: the reason, and the buttons that settle it.

import { text } from "../shared/text.js";

export class Quarantine {
  // root: the page's body. act(fields): performs the action of its forms.
  constructor({ root, act }) {
    this.bar = root.querySelector(".held-bar");
    this.head = root.querySelector(".head-actions");
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      act(Object.fromEntries(new FormData(event.target)));
    });
  }

  // Reads what the server rendered.
  static adopt(root) {
    return root.querySelector(".conversation").dataset.held || null;
  }

  show({ held }) {
    this.bar.hidden = !held;
    // No other action is possible until an agent settles it.
    this.head.toggleAttribute("data-held", Boolean(held));
    if (held) this.bar.querySelector(".held-why").textContent = text(`held_${held}`);
  }
}
