// Web addresses in a text become links. An address ends where ASCII ends: Chinese text goes on
// without a space, and 请看https://a.com/x。谢谢 means https://a.com/x.

const ADDRESS = /\bhttps?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = /[.,;:!?'*]$/;
const PAIRS = { ")": "(", "]": "[" };

// The text as pieces in order: {text} or {text, href}.
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    if (!valid(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

// Punctuation at the end belongs to the sentence; a closing bracket too, unless it was opened inside.
function trim(address) {
  for (;;) {
    const last = address.at(-1);
    const unopened = last in PAIRS && address.split(last).length > address.split(PAIRS[last]).length;
    if (!unopened && !TRAILING.test(last)) return address;
    address = address.slice(0, -1);
  }
}

function valid(address) {
  return URL.canParse ? URL.canParse(address) : /^https?:\/\/[^/?#]/i.test(address);
}

// Puts the text into the element, with links. Only text nodes and <a> are made.
export function linkify(element, text) {
  element.replaceChildren(
    ...pieces(text).map((piece) => {
      if (!piece.href) return piece.text;
      const link = element.ownerDocument.createElement("a");
      link.href = piece.href;
      link.rel = "noopener noreferrer nofollow";
      link.target = "_blank";
      link.textContent = piece.text;
      return link;
    }),
  );
}
