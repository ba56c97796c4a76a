// The article that an answer names, as a link below it.

/**
 * @param {HTMLElement} element Of the message.
 * @param {{title: string, url: string} | undefined} article
 */
export function showArticle(element, article) {
  if (!article || element.querySelector(".of-article")) return;
  const { title: textContent, url: href } = article;
  const link = Object.assign(document.createElement("a"), { className: "of-article", href, textContent, target: "_blank", dir: "auto" });
  element.querySelector(".body").after(link);
}
