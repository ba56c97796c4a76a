// On which articles an assistant's message stands: marks in its text, and below it the articles. The
// server makes the same (templates/chat/thread/_cited.html). Loaded with the first such message.

import { fillBody } from "./formatted.js";
import { MARK } from "./words.js";
import { stylesheet } from "../shared/styles.js";

/**
 * @import { Part } from "./formatted.js"
 * @typedef {{n: number, title: string, url: string, quote: string}} Citation
 */

/**
 * @param {import("./thread.js").ThreadView} view
 * @param {HTMLElement} element
 * @param {import("../connection/timeline.js").Message} message
 */
export async function cite(view, element, { content, formatted, data }) {
  await stylesheet(view.template.dataset.css);
  const body = element.querySelector(".body");
  if (body.querySelector(".sources")) return;
  view.anchor.keep(() => {
    fillBody(body, { formatted: marked(formatted ?? [content], data.citations) });
    for (const mark of body.querySelectorAll("sup")) {
      mark.className = "mark";
      mark.title = data.citations.find(({ n }) => n === Number(mark.textContent)).quote;
    }
    body.classList.toggle("formatted", Boolean(formatted));
    body.append(list(sources(data.citations)));
  });
}

/**
 * The nodes with a node of its own for each mark.
 * @param {Part[]} nodes
 * @param {Citation[]} citations
 * @returns {Part[]}
 */
export function marked(nodes, citations) {
  return nodes.flatMap((node) => {
    if (typeof node !== "string") return { ...node, parts: marked(node.parts, citations) };
    const parts = [];
    let end = 0;
    for (const { 0: mark, 1: number, index } of node.matchAll(MARK)) {
      if (!citations.some(({ n }) => n === Number(number))) continue;
      parts.push(node.slice(end, index), { kind: "mark", parts: [String(Number(number))] });
      end = index + mark.length;
    }
    return [...parts, node.slice(end)].filter(Boolean);
  });
}

/**
 * Each article that is cited, with its numbers.
 * @param {Citation[]} citations
 */
export function sources(citations) {
  /** @type {Map<string, {title: string, url: string, numbers: number[]}>} */
  const found = new Map();
  for (const { n, title, url } of citations) {
    if (!found.has(url)) found.set(url, { title, url, numbers: [] });
    found.get(url).numbers.push(n);
  }
  return [...found.values()];
}

function list(rows) {
  const made = Object.assign(document.createElement("ul"), { className: "sources plain-list" });
  for (const { title, url: href, numbers } of rows) {
    const link = Object.assign(document.createElement("a"), { href, target: "_blank", rel: "noopener", dir: "auto" });
    for (const textContent of numbers) link.append(Object.assign(document.createElement("span"), { className: "mark", textContent }));
    link.append(Object.assign(document.createElement("span"), { textContent: title }));
    const row = document.createElement("li");
    row.append(link);
    made.append(row);
  }
  return made;
}
