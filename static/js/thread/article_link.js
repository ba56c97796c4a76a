// The articles that an answer names: one as a link below it, or those on which it stands.

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

/**
 * Without a network the marks stay numbers.
 * @param {import("./thread.js").ThreadView} view
 * @param {HTMLElement} element
 * @param {import("../connection/timeline.js").Message} message
 */
export function showSources(view, element, message) {
  if (message.data?.citations?.length) import("./citations.js").then(({ cite }) => cite(view, element, message)).catch(() => {});
}

/**
 * The same for messages that the server rendered: where these have links, they were filled anew.
 * @param {import("./thread.js").ThreadView} view
 * @param {import("../connection/timeline.js").Message[]} messages
 */
export function adoptSources(view, messages) {
  for (const message of messages) {
    const element = message.data?.citations && view.list.querySelector(`.message[data-seq="${message.seq}"]`);
    if (element) showSources(view, element, message);
  }
}
