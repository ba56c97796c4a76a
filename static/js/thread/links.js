// Web addresses in a text become links. An address ends where ASCII ends: Chinese text goes on
// without a space, and 请看https://a.com/x。谢谢 means https://a.com/x.

const ADDRESS = /\bhttps?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = ".,;:!?'*";
const CLOSING = { "(": ")", "[": "]" };
const NUMBER = /(\+?\d{1,4}(?:-\d{2,8}){1,4})/;
// Characters of an address: what is longer stays text.
const LONGEST = 2_000;

/**
 * @param {string} text
 * @returns {{text: string, href?: string}[]} Its pieces in order; an address has a href.
 */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
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
export function linkify(element, text) {
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
export function linkTo(href) {
  const link = document.createElement("a");
  Object.assign(link, { href, title: href, rel: "noopener noreferrer nofollow", target: "_blank" });
  return link;
}
