// Articles about what the visitor asks: in the panel, and for the answer. Loaded where there are any.

import { layers } from "../layers.js";
import { insert } from "../../composer/insert.js";
import { getJson } from "../../connection/http.js";
import { text } from "../../shared/text.js";
import { saysSomething } from "../../shared/words.js";

const SOON = 300;
const AGAIN = 2_000;
const LONGEST = 500;
const MOST_SAID = 3;

/** @param {{title: string, url: string}} article */
export function linkWords({ title, url }) {
  const address = new URL(url, location.href).href;
  return /[[\]]/.test(title) ? `${title} ${address}` : `[${title}](${address})`;
}

/**
 * @param {import("../../connection/timeline.js").Message[]} messages In order.
 * @returns {string} The last things that the visitor said, without an answer between them.
 */
export function lastSaid(messages) {
  const said = [];
  for (const { kind, sender_role: role, content, automatic } of [...messages].reverse()) {
    if (kind !== "message" || !content) continue;
    if (role === "visitor") said.unshift(content);
    else if (role === "agent" && !automatic && said.length) break;
    if (said.length === MOST_SAID) break;
  }
  return [...said.join("\n")].slice(-LONGEST).join("");
}

export class Articles {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    Object.assign(this, { workspace, section: workspace.find(".panel .articles"), waiting: new Map(), shown: null, timer: null });
    this.template = document.querySelector("#article-template");
    this.section.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.insert(button.closest("li").dataset, button.name);
    });
    new MutationObserver(() => this.later(SOON)).observe(workspace.view.list, { childList: true });
    this.later(0);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), pause);
  }

  // Shows the articles about what the visitor said last.
  async look() {
    const { current } = this.workspace.conversations;
    const said = current ? lastSaid(current.timeline.messages) : "";
    const question = saysSomething(said) ? said : "";
    const key = `${current?.group} ${question}`;
    if (key === this.shown) return;
    this.shown = key;
    this.section.hidden = true;
    const results = question ? await this.ask(question, current.group) : [];
    if (key !== this.shown) return;
    // Not connected yet.
    if (!results) {
      this.shown = null;
      return this.later(AGAIN);
    }
    this.section.querySelector("ul").replaceChildren(...results.map((one) => this.row(one)));
    this.section.hidden = !results.length;
  }

  row({ slug, lang, title, internal }) {
    const row = this.template.content.firstElementChild.cloneNode(true);
    Object.assign(row.dataset, { slug, lang });
    const link = row.querySelector("a");
    link.textContent = title;
    link.href = this.address({ slug, lang });
    row.querySelector(".cluster").hidden = !this.writes || Boolean(internal);
    if (internal) link.after(" ", Object.assign(document.createElement("small"), { textContent: text("article_for_colleagues") }));
    return row;
  }

  address(article) {
    return `${this.workspace.page.articles}?${new URLSearchParams(article)}`;
  }

  // A promise of the articles about a text; of null without a connection.
  ask(words, group) {
    const { connection, details } = this.workspace;
    const question = [...words].slice(0, LONGEST).join("");
    // A conversation without a seat would be refused, as one that was left.
    const sent = connection.send({ type: "knowledge.suggest", text: question, ...(group && details.seated && { group }) });
    return sent ? new Promise((done) => this.waiting.set(question, done)) : Promise.resolve(null);
  }

  suggested({ text: question, results }) {
    this.waiting.get(question)?.(results);
    this.waiting.delete(question);
  }

  get field() {
    return this.workspace.writing.composer.field;
  }

  // Whether the agent may write here.
  get writes() {
    return Boolean(this.field.offsetParent);
  }

  // A promise of the articles for these words: what is chosen is a link to it, otherwise its text.
  async choices(words) {
    const { current } = this.workspace.conversations;
    const found = (this.writes && saysSomething(words) && (await this.ask(words, current?.group))) || [];
    return found.map((article) => ({
      title: article.title,
      from: article.internal ? text("article_for_colleagues") : "",
      filled: article.snippet,
      choose: (asked) => this.insert(article, "link", asked),
      otherwise: (asked) => this.insert(article, "text", asked),
    }));
  }

  // Puts an article into the field, in the visitor's language where it is written in it. asked: the
  // beginning of the text, in place of which it comes; what is typed meanwhile stays behind it.
  async insert({ slug, lang }, kind, asked = "") {
    const { conversations, details, failed, status } = this.workspace;
    const { field } = this;
    const { group } = conversations;
    try {
      const article = await getJson(this.address({ slug, lang: details.visitor?.language || lang }));
      if (group !== conversations.group) return;
      // On a phone the field is on another page.
      if (layers.narrow) this.workspace.find(".panel[data-open] .panel-close")?.click();
      const words = kind === "link" ? linkWords(article) : article.text;
      if (!asked || !field.value.startsWith(asked)) return insert(field, words);
      const caret = words.length + Math.max(0, field.selectionEnd - asked.length);
      field.setSelectionRange(0, asked.length);
      insert(field, words);
      field.setSelectionRange(caret, caret);
    } catch (failure) {
      if (failure.code === "not_found") status.notify("article_internal");
      else failed(failure);
    }
  }
}
