// The bar above a conversation that is held as spam: why, and what an agent says of it.

import { text } from "../shared/text.js";

export class Held {
  // root: the page's body. act(fields): what its forms do.
  constructor({ root, act }) {
    this.bar = root.querySelector(".held-bar");
    this.head = root.querySelector(".head-actions");
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      act(Object.fromEntries(new FormData(event.target)));
    });
  }

  // What the page came with.
  static adopt(root) {
    return root.querySelector(".conversation").dataset.held || null;
  }

  show({ held }) {
    this.bar.hidden = !held;
    // Until then nothing else is done with it.
    this.head.toggleAttribute("data-held", Boolean(held));
    if (held) this.bar.querySelector(".held-why").textContent = text(`held_${held}`);
  }
}
