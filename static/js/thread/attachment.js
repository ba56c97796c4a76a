// The file of a message, rendered as templates/chat/thread/_attachment.html does.

// The longer side of a picture in the thread, and its least ratio of width to height, as in
// chat/files/pictures.py.
const SIDE = 240;
const SLIMMEST = 0.4;

/**
 * A file as the server describes it; thumbnail, width and height are those of a picture.
 * @typedef {object} FileFacts
 * @property {string} url
 * @property {string | null} thumbnail
 * @property {string} name
 * @property {number} size In bytes.
 * @property {string} mime
 * @property {number | null} width
 * @property {number | null} height
 */

/**
 * @param {number} width
 * @param {number} height
 * @returns {number[]} The width and height at which a picture of this size is shown.
 */
export function box(width, height) {
  const ratio = Math.min(Math.max(width / height, SLIMMEST), 1 / SLIMMEST);
  const across = Math.min(width, height / SLIMMEST);
  const scale = Math.min(1, SIDE / Math.max(across, across / ratio));
  return [across * scale, (across / ratio) * scale].map((side) => Math.max(1, Math.round(side)));
}

/**
 * A file's size in words, as in chat/files/kinds.py.
 * @param {number} bytes
 */
export function sizeText(bytes) {
  if (bytes < 1024) return `${bytes}\u00a0B`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KB"] : [bytes / 1024 ** 2, "MB"];
  return `${Math.floor(value * 10 + 0.5) / 10}\u00a0${unit}`;
}

/** @param {FileFacts} file */
export function fileElement(file) {
  const { url, thumbnail, name, size, mime, width, height } = file;
  const link = document.createElement("a");
  link.className = "file";
  link.href = url;
  Object.assign(link.dataset, { name, size, mime, width: width ?? "", height: height ?? "" });
  if (thumbnail) {
    link.classList.add("picture");
    const picture = new Image(...box(width, height));
    Object.assign(picture, { alt: name, src: thumbnail });
    link.append(picture);
  } else {
    link.download = name;
    link.append(...chip(name, size));
  }
  return link;
}

/**
 * The icon, name and size of a file that is no picture.
 * @param {string} name
 * @param {number} size
 */
export function chip(name, size) {
  const parts = [name.split(".").pop().slice(0, 4).toUpperCase(), name, sizeText(size)];
  return ["kind", "name", "size"].map((part, at) => {
    const span = document.createElement("span");
    span.className = `file-${part}`;
    span.textContent = parts[at];
    if (part === "kind") span.ariaHidden = "true";
    if (part === "name") span.dir = "auto";
    return span;
  });
}

/**
 * Reads a file's facts from its element.
 * @param {HTMLElement | null} link
 * @returns {FileFacts | null}
 */
export function readFile(link) {
  if (!link) return null;
  const { name, size, mime, width, height } = link.dataset;
  return {
    url: link.getAttribute("href"),
    thumbnail: link.querySelector("img")?.getAttribute("src") ?? null,
    name,
    size: Number(size),
    mime,
    width: Number(width) || null,
    height: Number(height) || null,
  };
}
