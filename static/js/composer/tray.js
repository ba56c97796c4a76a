// The tray in the composer: files that were chosen and are not sent yet, for each conversation its
// own.

import { chip, sizeText } from "../thread/attachment.js";
import { text } from "../shared/text.js";

// The allowed file endings, as in chat/files/kinds.py. The server checks the content; here only
// files that it would certainly refuse are kept out.
const ENDINGS =
  "png jpg jpeg jfif gif webp pdf txt log csv tsv md json doc xls ppt wps et dps zip docx xlsx pptx odt ods odp epub pages numbers key " +
  "rar 7z mp3 ogg oga opus wav amr webm mkv heic heif avif m4a mov mp4 m4v 3gp";

/**
 * @param {Pick<File, "name" | "size" | "type">} file
 * @param {number} limit
 * @returns {string | null} The reason why it cannot be sent.
 */
export function problemOf({ name, size, type }, limit) {
  const ending = name.includes(".") ? name.split(".").pop().toLowerCase() : "";
  if (!size) return "attach_empty";
  if (size > limit) return "attach_too_large";
  const fits = !ending || ENDINGS.split(" ").includes(ending) || /^(image|audio|video)\//.test(type);
  return fits ? null : "attach_bad_kind";
}

/** @typedef {{file: File, canvas: HTMLCanvasElement | null}} Chosen */

export class Tray {
  /**
   * @param {object} options
   * @param {HTMLFormElement} options.form
   * @param {number} options.limit The bytes that a file may have.
   * @param {string} options.group
   */
  constructor({ form, limit, group }) {
    this.limit = limit;
    this.group = group;
    /** @type {Map<string, Chosen[]>} */
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

  filesOf(group) {
    return this.chosen.get(group) ?? [];
  }

  /**
   * Files that would be refused are left out.
   * @param {string} group
   * @param {Chosen[]} found In the order they were chosen.
   */
  add(group, found) {
    const good = found.filter(({ file }) => !problemOf(file, this.limit));
    const bad = found
      .filter((one) => !good.includes(one))
      .map(({ file }) => text(problemOf(file, this.limit), { name: file.name, limit: sizeText(this.limit) }));
    this.chosen.set(group, [...this.filesOf(group), ...good]);
    this.use(this.group);
    const unseen = good.filter(({ file }) => /\.hei[cf]$/i.test(file.name)).map(({ file }) => text("attach_heic", { name: file.name }));
    this.problem.textContent = [...bad, ...unseen].join(" ");
    this.field.focus();
  }

  takeAll(group) {
    const taken = this.filesOf(group);
    this.chosen.delete(group);
    this.use(this.group);
    return taken;
  }

  // Shows the files of one conversation.
  use(group) {
    this.group = group;
    this.problem.textContent = "";
    this.list.replaceChildren(...this.filesOf(group).map((one) => this.row(one)));
  }

  row(one) {
    const row = document.createElement("li");
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: "×", ariaLabel: text("attach_remove", { name: one.file.name }) });
    remove.addEventListener("click", () => {
      this.chosen.set(this.group, this.filesOf(this.group).filter((other) => other !== one));
      this.use(this.group);
      this.field.focus();
    });
    const [kind, ...words] = chip(one.file.name, one.file.size);
    row.append(one.canvas ?? kind, ...words, remove);
    return row;
  }
}
