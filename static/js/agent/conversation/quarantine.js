// The bar above a conversation that is in quarantine: the reason, and the buttons that settle it.

import { text } from "../../shared/text.js";

export class Quarantine {
  // root: the page's body. act(fields): performs the action of its forms.
  constructor({ root, act }) {
    this.bar = root.querySelector(".quarantine-bar");
    this.head = root.querySelector(".head-actions");
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      act(Object.fromEntries(new FormData(event.target)));
    });
  }

  // Reads what the server rendered.
  static adopt(root) {
    return root.querySelector(".conversation").dataset.quarantined || null;
  }

  show({ quarantined }) {
    this.bar.hidden = !quarantined;
    // No other action is possible until an agent settles it.
    this.head.toggleAttribute("data-quarantined", Boolean(quarantined));
    if (quarantined) this.bar.querySelector(".quarantine-why").textContent = text(`quarantined_${quarantined}`);
  }
}
