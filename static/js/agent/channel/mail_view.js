// Shows the HTML of a mail in a frame that runs nothing and has an origin of its own; what it may load
// the policy of its address says (chat/views/mails.py). Loaded on press.

import { make } from "./make.js";
import { text } from "../../shared/text.js";

// mail: data.mail of its message.
export function show(src, mail = {}) {
  const frame = make("iframe", { src, title: text("mail_html"), referrerPolicy: "no-referrer" });
  // A link opens a window that is free of the frame.
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  const [pictures, close] = ["mail_pictures", "mail_close"].map((key) => make("button", { type: "button", className: "button" }, text(key)));
  const head = make("span", { dir: "auto" }, make("b", {}, mail.subject || text("mail_no_subject")), ` ${mail.from ?? ""}`);
  const acts = make("p", { className: "cluster" }, head, pictures, close);
  const dialog = make("dialog", { className: "mail-view", ariaLabel: text("mail_html") }, acts, frame);
  pictures.addEventListener("click", () => {
    frame.src = `${src}?pictures`;
    pictures.disabled = true;
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
