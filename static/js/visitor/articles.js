// Articles of the help centre beside the chat: they are suggested while nobody has answered, and shown
// over it. Loaded when they are first used.

import { ArticleSheet } from "./article_sheet.js";
import { marked, saysSomething } from "../shared/words.js";
import { fetched } from "../shared/fetched.js";
import { postForm } from "../connection/http.js";
import { stylesheet } from "../shared/styles.js";

const PAUSE = 400;
// For so long nobody has answered when what was sent is looked up.
const PATIENCE = 8_000;
const LONGEST = 500;
const DISMISSED = "kefu:articles";

// Connects them with the page. chat: the VisitorController.
export async function joinArticles(chat) {
  const parts = await fetched(chat.page.articles);
  if (!parts) throw new Error("no articles");
  await Promise.all(parts.body.dataset.css.split(" ").map(stylesheet));
  return new Articles(chat, document.adoptNode(parts.body));
}

class Articles {
  constructor(chat, parts) {
    const { find, page, sending, view } = chat;
    Object.assign(this, { chat, page, field: sending.composer.field, asked: null, timer: null, draft: "" });
    this.centre = `/help/${page.ent}/`;
    this.card = parts.querySelector(".suggested");
    this.row = parts.querySelector("#suggested-template");
    this.end = parts.querySelector(".was-solved");
    this.about = find(".about-article");
    this.sheet = new ArticleSheet({
      dialog: parts.querySelector("dialog"),
      centre: this.centre,
      // Without the words: what was not sent is stored nowhere.
      onOpened: (article) => this.count("seen", article),
      onHelped: (article) => this.helped(article),
      onAsks: () => this.field.focus(),
    });
    find(".composer").before(this.card, this.end);
    document.body.append(this.sheet.dialog);
    this.card.querySelector("button").addEventListener("click", () => this.dismiss());
    this.end.querySelector("button").addEventListener("click", () => this.askAnyway());
    for (const place of [this.card, view.list, ...(this.about ? [this.about] : [])]) {
      place.addEventListener("click", (event) => this.clicked(event));
    }
    new MutationObserver(() => this.spoken()).observe(view.list, { childList: true });
    if (this.about) this.name();
  }

  // What the visitor writes about by the page's address is the page that agents see.
  name() {
    const { pageReport } = this.chat;
    const { place } = pageReport;
    const report = (url) => {
      pageReport.place = { ...place, url };
      pageReport.report();
    };
    const { origin, pathname } = new URL(this.about.querySelector("a").href);
    report(origin + pathname);
    const remove = this.about.querySelector("button");
    remove.hidden = false;
    remove.addEventListener("click", () => {
      this.about.remove();
      report(place.url);
      this.field.focus();
    });
  }

  // Whether suggestions are wanted: nobody has answered the last message, or the next one begins.
  get wanted() {
    if (!("suggests" in this.page) || this.chat.tab.get(DISMISSED)) return false;
    return this.begins || this.last?.sender === this.chat.me;
  }

  // Whether nothing was sent yet, or what was is closed.
  get begins() {
    return "first" in this.page || !this.chat.find(".rating").hidden;
  }

  get last() {
    return this.chat.conversation.timeline.latest(({ kind, sender, automatic }) => kind === "message" && sender && !automatic);
  }

  // The visitor writes.
  input(text) {
    this.end.hidden = true;
    if (!saysSomething(text)) return this.hide();
    this.later(() => this.ask(text), PAUSE);
  }

  later(step, pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(step, pause);
  }

  ask(text) {
    if (!this.wanted) return;
    const { connection, conversation } = this.chat;
    this.asked = [...text].slice(0, LONGEST).join("");
    connection.send({ type: "knowledge.suggest", text: this.asked, ...(conversation.group && { group: conversation.group }) });
  }

  // The answer to the question that was asked last.
  suggested({ text, results }) {
    if (text !== this.asked) return;
    this.card.querySelector("ul").replaceChildren(...results.map((one) => this.line(one)));
    if (this.card.hidden) this.announce();
    this.card.hidden = !results.length;
  }

  // A status that is shown with its words is spoken by no screen reader: they come once it is there.
  announce() {
    const title = this.card.querySelector("p");
    this.words ??= title.textContent;
    title.textContent = "";
    setTimeout(() => (title.textContent = this.words), 50);
  }

  line({ title, url }) {
    const line = this.row.content.firstElementChild.cloneNode(true);
    line.querySelector("a").href = url;
    const bold = (textContent) => Object.assign(document.createElement("b"), { textContent });
    line.querySelector("span").append(...marked(title, this.asked).map((piece, at) => (at % 2 ? bold(piece) : piece)));
    return line;
  }

  hide() {
    clearTimeout(this.timer);
    this.asked = null;
    this.card.hidden = true;
  }

  dismiss() {
    this.chat.tab.set(DISMISSED, true);
    this.hide();
    this.field.focus();
  }

  // Something was sent or has arrived. While the visitor waits, what they sent is looked up.
  spoken() {
    this.hide();
    this.end.hidden = true;
    if (!("first" in this.page)) this.about?.remove();
    this.later(() => {
      // A quick question has its answer.
      const last = this.chat.conversation.timeline.latest(({ kind }) => kind === "message");
      if (last?.sender === this.chat.me && !this.field.value && saysSomething(last.content)) this.ask(last.content);
    }, PATIENCE);
  }

  clicked(event) {
    const link = event.target.closest("a[href]");
    const article = link && !event.ctrlKey && !event.metaKey && !event.shiftKey && this.sheet.articleAt(link.href);
    if (!article) return;
    event.preventDefault();
    this.sheet.open(article);
  }

  // Opens an article, as the site around the chat may ask (widget.js).
  open(url) {
    const article = this.sheet.articleAt(url);
    if (article) this.sheet.open(article);
  }

  // An article has helped. Where nobody waits there is nothing to answer any more; the draft can be
  // brought back.
  helped(article) {
    if (!this.begins) {
      this.field.focus();
      return this.count("helpful", { ...article, helpful: 1 });
    }
    const { composer } = this.chat.sending;
    postForm(this.page.articles.replace(/\/(\?|$)/, "/solved/$1"), article).catch(() => {});
    this.draft = composer.field.value;
    composer.put("");
    this.hide();
    this.end.hidden = false;
    this.end.querySelector("p").focus();
  }

  askAnyway() {
    const { composer } = this.chat.sending;
    this.end.hidden = true;
    if (!composer.field.value) composer.put(this.draft);
    composer.field.focus();
  }

  // What readers do is counted by the help centre. Nothing depends on that.
  count(place, fields) {
    postForm(`${this.centre}${place}/`, fields).catch(() => {});
  }
}
