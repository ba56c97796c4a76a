// Signing in again in place: the page with all its texts stays as it is.

import { postForm } from "./http.js";
import { text } from "./text.js";

export class Login {
  // onDone(): signed in again.
  constructor({ dialog, onDone }) {
    Object.assign(this, { dialog, onDone });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector(".field-error");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // There is nothing behind it that works; Escape would leave a dead page.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  ask() {
    if (this.dialog.open) return;
    this.error.hidden = true;
    this.dialog.showModal();
    this.form.elements.password.focus();
  }

  // Signed in elsewhere meanwhile.
  close() {
    if (this.dialog.open) this.dialog.close();
  }

  async submit() {
    const { username, password } = this.form.elements;
    try {
      await postForm(this.form.action, { username: username.value, password: password.value });
    } catch (failure) {
      this.error.textContent = failure.facts?.detail || text(failure.code === "offline" ? "connection_offline" : "login_failed");
      this.error.hidden = false;
      password.select();
      return;
    }
    password.value = "";
    this.dialog.close();
    this.onDone();
  }
}
