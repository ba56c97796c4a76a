// The pages of the help centre work without this: it searches while one types, and reports what was read.

import { Search } from "./search.js";

const KEY = "help-words"; // In the session's storage: the search that found the article that is opened next.
const find = (selector) => document.querySelector(selector);

function post(url, fields) {
  const headers = { Accept: "application/json" };
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, keepalive: true }).catch(() => null);
}

function remembered() {
  try {
    const words = sessionStorage.getItem(KEY) ?? "";
    sessionStorage.removeItem(KEY);
    return words;
  } catch {
    return ""; // A browser that keeps nothing.
  }
}

function remember(words) {
  try {
    sessionStorage.setItem(KEY, words);
  } catch {
    // As above.
  }
}

const { seen } = document.body.dataset;
const lang = document.documentElement.lang;
const article = find("article[data-slug]");
const shown = find("[data-shown]");
const helpful = find(".helpful");
const found = remembered();

if (article) post(seen, { slug: article.dataset.slug, lang: article.dataset.lang, q: found });
if (shown) {
  post(seen, { q: shown.dataset.shown, lang });
  shown.addEventListener("click", (event) => event.target.closest(".found a") && remember(shown.dataset.shown));
}

new Search(find(".find"), { onSeen: (words) => post(seen, { q: words, lang }), onChoose: remember });

helpful?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = { ...Object.fromEntries(new FormData(helpful)), helpful: event.submitter.value };
  const answer = await post(helpful.action, fields);
  helpful.querySelector("[role=status]").textContent = helpful.dataset[answer?.ok ? "thanks" : "failed"];
  for (const button of helpful.querySelectorAll("button")) button.hidden = answer?.ok ?? false;
});
