// What is shown of a search in the help centre.

const HAN = /\p{Script=Han}/u;

// Each article once, as the server's own page does: in the language of the words if they are Chinese, else
// rather in the page's.
export function once(results, words, lang) {
  const best = new Map();
  for (const one of results) {
    if (!best.has(one.slug) || (one.lang === lang && !HAN.test(words))) best.set(one.slug, one);
  }
  return [...best.values()];
}

// A text in pieces, [piece, whether it is one of the words]: words of two characters or more, of Chinese each pair.
export function pieces(text, words) {
  const runs = words.match(/\p{Script=Han}+|[^\s\p{Script=Han}\p{P}]{2,}/gu) ?? [];
  const all = runs.flatMap((run) => (HAN.test(run) ? [...run].slice(1).map((next, at) => [...run][at] + next) : [run]));
  if (!all.length) return [[text, false]];
  const escaped = all.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const found = new RegExp(`((?:${escaped.join("|")})+)`, "giu");
  return text
    .split(found)
    .map((piece, at) => [piece, at % 2 === 1])
    .filter(([piece]) => piece);
}
