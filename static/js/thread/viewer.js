// A picture of the thread in the size of the window: arrows show the others, Escape closes it. A click
// or Enter shows it in full size, to be scrolled; for a screen reader it is a button that stays pressed.

import { readFile } from "./attachment.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";

/**
 * @param {HTMLAnchorElement} link
 * @param {object} page
 * @param {HTMLElement} page.list
 * @param {HTMLFormElement} page.form
 * @param {(close: () => void) => () => void} [page.layer] Where the back button closes it. Returns
 *   what to call once it is closed.
 */
export async function view(link, { list, form, layer = () => () => {} }) {
  await stylesheet(form.dataset.filesCss);
  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  const name = element("p", { className: "viewer-name", dir: "auto", id: "viewer-name", role: "status" });
  const save = element("a", { className: "button", textContent: text("viewer_save") });
  const close = button("viewer_close", "×", () => dialog.close());
  const before = button("viewer_before", "‹", () => go(-1));
  const after = button("viewer_after", "›", () => go(1));
  const bar = element("div", { className: "viewer-bar" });
  bar.append(name, save, close);
  const stage = element("div", { className: "viewer-stage", tabIndex: 0 });
  stage.setAttribute("role", "button");
  const enlarged = () => stage.getAttribute("aria-pressed") === "true";
  const enlarge = (on = !enlarged()) => stage.setAttribute("aria-pressed", String(on));
  const picture = new Image();
  stage.append(picture);
  dialog.append(bar, stage, before, after);
  dialog.setAttribute("aria-labelledby", "viewer-name");
  stage.setAttribute("aria-labelledby", "viewer-name");

  const links = () => [...list.querySelectorAll("a.picture")];
  let shown = link;

  function show(next) {
    shown = next;
    const file = readFile(next);
    name.textContent = file.name;
    Object.assign(save, { href: file.url, download: file.name });
    Object.assign(picture, { alt: file.name, width: file.width, height: file.height, src: file.url });
    enlarge(false);
    const at = links().indexOf(next);
    const focused = document.activeElement;
    before.disabled = at <= 0;
    after.disabled = at === links().length - 1;
    if (focused?.matches(":disabled")) stage.focus();
  }

  function go(step) {
    const next = links()[links().indexOf(shown) + step];
    if (next) show(next);
  }

  dialog.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (target === stage && /^(Enter| )$/.test(key)) {
      event.preventDefault();
      enlarge();
    }
    if (target === stage && enlarged()) return;
    if (key === "ArrowLeft") go(-1);
    if (key === "ArrowRight") go(1);
  });
  picture.addEventListener("click", () => enlarge());
  // Beside the picture; that of a screen reader, which presses the button, has no place.
  stage.addEventListener("click", ({ target, detail }) => target === stage && (detail ? dialog.close() : enlarge()));
  dialog.addEventListener("close", () => {
    closed();
    dialog.remove();
    shown.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  show(link);
  dialog.showModal();
  const closed = layer(() => dialog.close());
  close.focus();
}

function element(tag, facts) {
  return Object.assign(document.createElement(tag), facts);
}

function button(key, sign, onClick) {
  const made = element("button", { type: "button", className: key.replace("_", "-"), textContent: sign, ariaLabel: text(key), title: text(key) });
  made.addEventListener("click", onClick);
  return made;
}
