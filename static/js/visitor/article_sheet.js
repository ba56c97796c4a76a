// An article of the help centre over the chat. Back, Escape and its buttons close it.

import { fetched } from "../shared/fetched.js";

export class ArticleSheet {
  // dialog: its element. centre: the path of the help centre. onOpened(article), onHelped(article):
  // { slug, lang } of the one that is shown. onAsks(): the visitor still wants to write.
  constructor({ dialog, centre, onOpened, onHelped, onAsks }) {
    Object.assign(this, { dialog, centre, onOpened, article: null });
    this.text = dialog.querySelector(".article-body");
    this.title = dialog.querySelector("h2");
    const close = (step) => () => {
      dialog.close();
      step?.(this.article);
    };
    dialog.querySelector(".icon-button").addEventListener("click", close());
    dialog.querySelector(".helped").addEventListener("click", close(onHelped));
    dialog.querySelector(".asks").addEventListener("click", close(onAsks));
    dialog.addEventListener("click", (event) => this.clicked(event));
    // A step back closes it; whatever else closes it makes that step.
    addEventListener("popstate", () => dialog.close());
    dialog.addEventListener("close", () => history.state?.article && history.back());
  }

  // The slug and the language of an address of the help centre; null for another one.
  articleAt(href) {
    const { origin, pathname, searchParams } = new URL(href, location.href);
    const slug = pathname.startsWith(this.centre) && pathname.slice(this.centre.length).match(/^([\w-]+)\/$/)?.[1];
    if (origin !== location.origin || !slug) return null;
    return { slug, lang: searchParams.get("lang") ?? document.documentElement.lang };
  }

  async open({ slug, lang }) {
    this.article = { slug, lang };
    const page = await fetched(`${this.centre}${slug}/?${new URLSearchParams({ lang })}`);
    // Another one was chosen meanwhile.
    if (this.article.slug !== slug) return;
    const found = page?.querySelector("article");
    this.title.textContent = found?.querySelector("h1").textContent ?? "";
    this.text.replaceChildren(...(found ? partsOf(found) : [this.text.dataset.failed]));
    this.text.lang = found?.dataset.lang ?? document.documentElement.lang;
    // What lacks the language is shown in another one: that is read, and voted on.
    this.article.lang = this.text.lang;
    if (!this.dialog.open) {
      history.pushState({ article: true }, "");
      this.dialog.showModal();
    }
    this.text.scrollTop = 0;
    this.text.focus();
    if (found) this.onOpened(this.article);
  }

  clicked(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const article = this.articleAt(link.href);
    const href = link.getAttribute("href");
    const place = href.startsWith("#") && this.text.querySelector(`#${CSS.escape(href.slice(1))}`);
    if (!article && !place) return void (link.target = "_blank");
    event.preventDefault();
    if (place) place.scrollIntoView();
    else this.open(article);
  }
}

// The text of an article, and that it is in another language than the reader's.
function partsOf(article) {
  const notice = article.querySelector(".notice-bar");
  return [...(notice ? [notice] : []), ...article.querySelector(".article-body").childNodes];
}
