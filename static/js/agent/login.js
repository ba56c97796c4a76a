// Signing in again in a dialog, so that the page and its unsent texts stay. The link to a sign-in
// provider opens a new window; this one goes on when it gets the focus again.

import { postForm } from "../connection/http.js";
import { text } from "../shared/text.js";

const AGAIN = 300;

export class Login {
  // connection: opened after the login. key: of `store`, by which windows tell each other.
  constructor({ dialog, connection, store, key }) {
    Object.assign(this, { dialog, connection, store, key, refusals: 0, secondStep: "" });
    this.form = dialog.querySelector("form");
    this.error = dialog.querySelector(".field-error");
    this.passkey = dialog.querySelector("[data-passkey]");
    this.passkey.addEventListener("click", () => this.usePasskey());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // Nothing behind the dialog works; closing it by Escape would leave a dead page. Browsers let
    // `cancel` be prevented only once.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.addEventListener("keydown", (event) => event.key === "Escape" && dialog.open && event.preventDefault(), true);
    // Another window has signed in, so this one need not ask.
    window.addEventListener("storage", (event) => event.key === key && connection.state !== "open" && connection.open());
    for (const name of ["focus", "online"]) window.addEventListener(name, () => dialog.open && connection.open());
  }

  // The socket was refused. The cookie may have been renewed in another window, so only a second
  // refusal opens the dialog.
  refused() {
    this.refusals += 1;
    if (this.refusals > 1) this.ask();
    else setTimeout(() => this.connection.open(), AGAIN);
  }

  ask() {
    if (this.dialog.open) return;
    this.error.hidden = true;
    this.dialog.showModal();
    (this.dialog.querySelector("[data-provider]") ?? this.form.elements.password).focus();
  }

  // The connection is accepted, maybe after a login in another window.
  welcome() {
    this.refusals = 0;
    if (this.dialog.open) this.dialog.close();
  }

  async submit() {
    const { password, code } = this.form.elements;
    try {
      const answer = await this.send();
      if (answer.second_step) return this.askCode(answer.second_step, answer.passkey);
    } catch (failure) {
      // The second step was not taken in time.
      if (failure.facts?.again) this.askCode("");
      this.error.textContent = failure.facts?.detail || text(failure.code === "offline" ? "connection_offline" : "login_failed");
      this.error.hidden = false;
      (this.secondStep ? code : password).select();
      return;
    }
    this.done();
  }

  done() {
    this.form.elements.password.value = "";
    this.askCode("");
    this.welcome();
    this.store.set(this.key, Date.now());
    this.connection.open();
  }

  async usePasskey() {
    const address = this.secondStep;
    try {
      const { sign } = await import("../shared/passkeys.js");
      await postForm(address, { credential: await sign(this.options) });
    } catch (failure) {
      // A challenge takes one answer: from here on by code.
      this.askCode(failure.facts?.again ? "" : address);
      this.error.textContent = failure.facts?.detail || text("login_failed");
      this.error.hidden = false;
      return;
    }
    this.done();
  }

  send() {
    const { username, password, code } = this.form.elements;
    if (this.secondStep) return postForm(this.secondStep, { code: code.value });
    return postForm(this.form.action, { username: username.value, password: password.value });
  }

  // address: where the code of the second step is sent to; "" asks for none. options: what a
  // passkey has to sign, where the member has one.
  askCode(address, options) {
    this.options = options;
    this.passkey.hidden = !options || !window.PublicKeyCredential || !window.isSecureContext;
    const { password, code } = this.form.elements;
    this.secondStep = address;
    this.error.hidden = true;
    code.value = "";
    code.required = Boolean(address);
    code.closest(".field").hidden = !address;
    password.closest(".field").hidden = Boolean(address);
    if (address) code.focus();
  }
}
