// What a message says where it is not shown itself: in lists, quotes, the clipboard.

/** @import { Part } from "./formatted.js" */

// The mark of a citation, and the space before it; chat/protocol/citations.py has the same.
export const MARK = / ?\[(\d{1,3})\]/g;

/**
 * The words of a message on one line, for where neither formatting nor citations are shown.
 * @param {{content?: string, formatted?: Part[], data?: Record<string, any>}} message
 * @returns {string}
 */
export function words({ content, formatted, data }) {
  return uncited(formatted ? formatted.map(wordsOf).join(" ").replace(/\s+/g, " ").trim() : content, data);
}

/**
 * A text without the marks of the citations that its message has; other numbers in brackets stay.
 * @param {string} text
 * @param {Record<string, any>} [data]
 * @returns {string}
 */
export function uncited(text, data) {
  const cited = data?.citations ?? [];
  return cited.length ? text.replace(MARK, (mark, number) => (cited.some(({ n }) => n === Number(number)) ? "" : mark)) : text;
}

/**
 * @param {Part} node
 * @returns {string}
 */
function wordsOf(node) {
  if (typeof node === "string") return node;
  const inside = node.parts.map(wordsOf).join("");
  return ["item", "list", "numbered", "paragraph", "block"].includes(node.kind) ? `${inside} ` : inside;
}
