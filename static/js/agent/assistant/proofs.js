// The marks in a draft that name its proofs, such as [1].

const MARK = / ?\[(\d{1,3})\]/g;

/**
 * A draft in pieces: texts, and the numbers of its citations.
 * @param {string} text
 * @param {{n: number}[]} citations
 * @returns {(string | number)[]}
 */
export function pieces(text, citations) {
  const known = new Set(citations.map(({ n }) => n));
  const found = [];
  let end = 0;
  for (const mark of text.matchAll(MARK)) {
    if (!known.has(Number(mark[1]))) continue;
    found.push(text.slice(end, mark.index), Number(mark[1]));
    end = mark.index + mark[0].length;
  }
  return [...found, text.slice(end)].filter((piece) => piece !== "");
}

/**
 * The draft as it is written to a visitor.
 * @param {string} text
 * @param {{n: number}[]} citations
 */
export const unmarked = (text, citations) =>
  pieces(text, citations)
    .filter((piece) => typeof piece === "string")
    .join("")
    .trim();

/**
 * The articles that are cited, each once, with the numbers under which it is.
 * @param {{n: number, slug: string, lang: string, title: string, url: string}[]} citations
 */
export function sources(citations) {
  const found = new Map();
  for (const { n, slug, lang, title, url } of citations) {
    const key = `${slug} ${lang}`;
    if (!found.has(key)) found.set(key, { title, url, numbers: [] });
    found.get(key).numbers.push(n);
  }
  return [...found.values()];
}
