// Shows the text of a message, with its web addresses as links. A formatted one is a tree of nodes
// that the server has made of the text. A node is a text, or {kind, parts}, a link with href, a
// numbered list with start (docs/protocol.md). Only these elements are made, with text nodes in
// them; an unknown kind is shown by its parts.

const TAGS = new Map(Object.entries({ paragraph: "p", bold: "strong", italic: "em", code: "code", list: "ul", numbered: "ol", item: "li", block: "pre", mark: "sup" }));
const ADDRESS = /^(https?:\/\/|mailto:)/i;
// A web address in a text ends where ASCII ends: Chinese text goes on without a space, and
// 请看https://a.com/x。谢谢 means https://a.com/x.
const WEB = /\bhttps?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = ".,;:!?'*";
const CLOSING = { "(": ")", "[": "]" };
const NUMBER = /(\+?\d{1,4}(?:-\d{2,8}){1,4})/;
// Characters of an address: what is longer stays text.
const LONGEST = 2_000;

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

/**
 * @param {string} text
 * @returns {{text: string, href?: string}[]} Its pieces in order; an address has a href.
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(WEB)) {
    const address = trim(match[0]);
    if (address.length > LONGEST || !valid(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

// Punctuation at the end belongs to the sentence; a closing bracket too, unless it was opened inside.
// The brackets are counted once, so that a long row of them takes no longer than other text.
function trim(address) {
  const unopened = { ")": 0, "]": 0 };
  for (const character of address) {
    if (character in unopened) unopened[character] += 1;
    else if (character in CLOSING) unopened[CLOSING[character]] -= 1;
  }
  let end = address.length;
  for (; end; end -= 1) {
    const last = address[end - 1];
    if (unopened[last] > 0) unopened[last] -= 1;
    else if (!TRAILING.includes(last)) break;
  }
  return address.slice(0, end);
}

function valid(address) {
  return URL.canParse ? URL.canParse(address) : /^https?:\/\/[^/?#]/i.test(address);
}

/**
 * Puts the text into the element, with links. Only text nodes and <a> are made.
 * @param {ParentNode} element
 * @param {string} text
 */
function linkify(element, text) {
  element.replaceChildren(
    ...pieces(text).flatMap((piece) => {
      if (!piece.href) return whole(piece.text);
      const link = linkTo(piece.href);
      link.textContent = piece.text;
      return link;
    }),
  );
}

// The text with its numbers in elements that keep them on one line: a phone number that is broken
// behind a hyphen reads as two.
function whole(text) {
  return text.split(NUMBER).map((part, at) => {
    if (at % 2 === 0) return part;
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = part;
    return number;
  });
}

/**
 * An empty link to this address.
 * @param {string} href
 */
function linkTo(href) {
  const link = document.createElement("a");
  Object.assign(link, { href, title: href, rel: "noopener noreferrer nofollow", target: "_blank" });
  return link;
}
