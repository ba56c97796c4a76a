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
