// Shows a formatted message: a tree of nodes that the server has made of the text. A node is a text,
// or {kind, parts}, a link with href, a numbered list with start (docs/protocol.md). Only these
// elements are made, with text nodes in them; an unknown kind is shown by its parts.

import { linkify, linkTo } from "./links.js";

const TAGS = new Map(Object.entries({ paragraph: "p", bold: "strong", italic: "em", code: "code", list: "ul", numbered: "ol", item: "li", block: "pre", mark: "sup" }));
const ADDRESS = /^(https?:\/\/|mailto:)/i;

/**
 * @typedef {string | {kind: string, parts: Part[], href?: string, start?: number}} Part
 */

/**
 * Fills the body of a message with its text, formatted or plain.
 * @param {HTMLElement} body
 * @param {{content?: string, formatted?: Part[]}} message
 */
export function fillBody(body, { content, formatted }) {
  body.classList.toggle("formatted", Boolean(formatted));
  if (formatted) body.replaceChildren(...formatted.map(element));
  else linkify(body, content);
}

/** @param {Part} node */
function element(node) {
  if (typeof node === "string") return linked(node);
  const { kind, parts, href, start } = node;
  const found = kind === "link" && ADDRESS.test(href) ? linkTo(href) : document.createElement(TAGS.get(kind) ?? "span");
  if (kind === "numbered") /** @type {HTMLOListElement} */ (found).start = start;
  // In code and in a link an address is no link of its own.
  found.append(...parts.map((part) => (typeof part === "string" && ["code", "block", "link"].includes(kind) ? part : element(part))));
  return found;
}

function linked(text) {
  const found = document.createDocumentFragment();
  linkify(found, text);
  return found;
}
