// What of a text is looked up in the help centre, and where its words stand in what is found.

// Two Han characters, or a word of four letters.
export const saysSomething = (text) => /\p{Script=Han}{2}|(?:(?!\p{Script=Han})\p{L}){4}/u.test(text);

const either = (words) => `(?:${words.join("|") || "(?!)"})`;

/**
 * @param {string} text
 * @param {string} question
 * @returns {string[]} The text in pieces; those at odd places are words of the question of three letters
 *   and more, or pairs of its Han characters.
 */
export function marked(text, question) {
  const words = question.match(/(?:(?!\p{Script=Han})[\p{L}\p{N}]){3,}/gu) ?? [];
  const pairs = [...question.matchAll(/(?=(\p{Script=Han}{2}))/gu)].map(([, pair]) => pair);
  return text.split(new RegExp(`((?:(?=${either(pairs)})\\p{Script=Han})+\\p{Script=Han}|${either(words)})`, "giu"));
}
