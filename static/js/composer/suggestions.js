// The list of suggestions above the field while an agent writes: canned replies and articles after / at
// the beginning of the text, and in a note colleagues after @. The field keeps the focus.

import { getJson } from "../connection/http.js";
import { insert } from "./insert.js";
import { ReplyOrder } from "./reply_order.js";
import { isNumbered, personFace } from "../agent/avatar.js";
import { fill, spaced, text } from "../shared/text.js";

const MOST = 50;
const FRESH = 60_000;

/**
 * @typedef {{id: number, title: string, content: string} & Record<string, any>} Reply A canned reply.
 * @typedef {{title: string, filled?: string, from?: string, face?: any, choose: () => void, otherwise?: () => void}} Suggestion
 */

/**
 * The replies that match the words after /; matching titles come first.
 * @param {Reply[]} replies
 * @param {string} wanted
 */
export function fitting(replies, wanted) {
  const words = wanted.toLowerCase();
  const inTitle = ({ title }) => title.toLowerCase().includes(words);
  const inText = ({ content }) => content.toLowerCase().includes(words);
  return [...replies.filter(inTitle), ...replies.filter((one) => !inTitle(one) && inText(one))];
}

// The name begun by @ before the cursor: where it starts, and its letters. Null for none. An @
// within a word belongs to an address.
export function called(before) {
  const found = before.match(/(?:^|[^\w.])@([^\s@]{0,40})$/);
  return found && { start: before.length - found[1].length - 1, words: found[1].toLowerCase() };
}

// A canned reply with the names in it. Nobody is addressed by a number: "{visitor}，您好" becomes
// "您好" for a visitor without a name.
export function filledIn(content, names) {
  const pattern = isNumbered(names.visitor) ? unaddressed(content) : content;
  return fill(spaced(pattern, names), names);
}

// Drops the name where it is an address: at the beginning of a sentence, or before a pause.
function unaddressed(content) {
  return content
    .replace(/(^|[\n。！？!?.]\s*)\{visitor\}[\s，,、：:！!]*(\p{Ll}?)/gu, (_whole, before, letter) => before + letter.toUpperCase())
    .replace(/[\s，,、]*\{visitor\}(?=\s*([\n，,、：:。.！!？?]|$))/gu, "");
}

export class Suggestions {
  /** @param {import("./writing_aids.js").WritingAids} page */
  constructor(page) {
    const { composer } = page;
    this.page = page;
    this.order = new ReplyOrder(page.store, page.me);
    this.composer = composer;
    this.field = composer.field;
    /** @type {Reply[] | null} */
    this.known = null;
    this.at = 0;
    this.loading = null;
    /** @type {Suggestion[]} */
    this.shown = [];
    /** @type {string | null} */
    this.dismissed = null;
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: "suggestions", className: "suggestions plain-list", role: "listbox", hidden: true });
    this.count = document.createElement("p");
    Object.assign(this.count, { className: "visually-hidden", role: "status" });
    composer.form.append(this.list, this.count);
    this.field.setAttribute("aria-controls", "suggestions");
    this.field.addEventListener("keydown", (event) => this.pressed(event), true);
    this.field.addEventListener("blur", () => this.hide());
    // The field must keep the focus.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = /** @type {Element} */ (target).closest("[role=option]");
      if (option) this.choose(this.options.indexOf(option));
    });
  }

  async look() {
    const { value, selectionStart: end } = this.field;
    if (value === this.dismissed) return;
    this.dismissed = null;
    const call = this.composer.note && called(value.slice(0, end));
    if (call) return this.show(this.colleagues(call), text("calls"));
    if (!value.startsWith("/") || value.includes("\n")) return this.hide();
    await this.load();
    // The text may have changed meanwhile.
    if (this.field.value !== value) return;
    const replies = this.replies(value.slice(1));
    this.show(replies, text("replies"), text("no_reply"));
    // They may take a moment, for which Enter does not wait.
    this.page.articles(value.slice(1)).then((found) => {
      if (!found.length || this.field.value !== value || this.dismissed === value) return;
      const asked = () => this.field.value.slice(0, this.field.selectionEnd);
      const articles = found.map((one) => ({ ...one, choose: () => one.choose(asked()), otherwise: () => one.otherwise(asked()) }));
      const { marked } = this;
      this.show(replies, text("replies"), "", articles);
      this.mark(marked);
    });
  }

  /** @returns {Element[]} */
  get options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  async load() {
    if (this.known && Date.now() - this.at < FRESH) return;
    // Loaded once, whatever is typed until the answer arrives.
    this.loading ??= this.ask();
    await this.loading;
    this.loading = null;
  }

  async ask() {
    try {
      this.known = (await getJson(this.page.replies)).replies;
      this.at = Date.now();
    } catch {
      this.known ??= [];
    }
  }

  replies(wanted) {
    const { language, ...names } = this.page.names();
    return fitting(this.order.sort(this.known, language), wanted).map((reply) => {
      const { title, content, team, personal } = reply;
      const filled = filledIn(content, names);
      const choose = () => {
        this.order.use(reply);
        this.put(filled);
      };
      return { title, filled, from: personal ? text("reply_personal") : (team ?? ""), choose };
    });
  }

  put(filled) {
    insert(this.field, filled, 0);
    this.field.setSelectionRange(filled.length, filled.length);
  }

  colleagues({ start, words }) {
    const others = this.page.members().filter(({ member }) => member !== this.page.me);
    return others
      .filter(({ name }) => name.toLowerCase().includes(words))
      .map(({ member, name, avatar, state, bot }) => ({
        title: name,
        // A bot is no agent who is online or not.
        from: bot ? "" : text(state),
        face: { uuid: member, name, avatar, state, bot },
        choose: () => {
          const calls = (this.composer.extra.calls ?? []).filter((one) => one.member !== member);
          this.composer.extend({ calls: [...calls, { member, name }] });
          insert(this.field, `@${name} `, start);
        },
      }));
  }

  /**
   * @param {Suggestion[]} suggestions
   * @param {string} label
   * @param {string} [none] Shown where there is none.
   * @param {Suggestion[]} [articles] Shown below, under a heading of their own.
   */
  show(suggestions, label, none = "", articles = []) {
    if (!suggestions.length && !none && !articles.length) return this.hide();
    const first = suggestions.slice(0, MOST);
    this.shown = [...first, ...articles];
    const rest = suggestions.length - first.length;
    this.list.ariaLabel = label;
    const options = this.shown.map((suggestion, at) => this.option(suggestion, at));
    this.list.replaceChildren(...options);
    const words = rest ? text("more_replies", { n: rest }) : suggestions.length ? "" : none;
    if (words) this.list.insertBefore(this.line(words), options[first.length] ?? null);
    if (articles.length) options[first.length].before(this.line(`${text("articles")} · ${text("article_keys")}`));
    this.list.hidden = false;
    this.count.textContent = words || `${label}: ${this.shown.length}`;
    this.mark(0);
  }

  /**
   * @param {Suggestion} suggestion
   * @param {number} at
   */
  option({ title, filled, from, face }, at) {
    const option = this.part("li", "", "");
    Object.assign(option, { id: `suggestion-${at}`, role: "option" });
    if (face) option.append(personFace(face));
    if (face?.bot) option.querySelector(".dot").remove();
    option.append(this.part("b", "", title));
    if (from) option.append(this.part("span", "from", from));
    if (filled) option.append(this.part("span", "filled", filled));
    return option;
  }

  line(words) {
    const line = this.part("li", "help", words);
    line.role = "presentation";
    return line;
  }

  part(tag, name, words) {
    const element = document.createElement(tag);
    Object.assign(element, { className: name, textContent: words, dir: "auto" });
    return element;
  }

  mark(at) {
    this.marked = at;
    const { options } = this;
    options.forEach((option, one) => (option.ariaSelected = String(one === at)));
    if (this.shown.length) {
      this.field.setAttribute("aria-activedescendant", `suggestion-${at}`);
      options[at].scrollIntoView({ block: "nearest" });
    }
  }

  pressed(event) {
    if (this.list.hidden || event.isComposing || event.keyCode === 229) return;
    const { length } = this.shown;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      this.dismissed = this.field.value;
      this.hide();
    } else if (step && length) this.mark((this.marked + step + length) % length);
    else if (["Enter", "Tab"].includes(event.key) && length && !event.shiftKey) this.choose(this.marked);
    else if (event.key === "Enter" && event.shiftKey && this.shown[this.marked]?.otherwise) this.choose(this.marked, "otherwise");
    // A slash that finds nothing asked for the list and is no message, unless the list was put away.
    else if (event.key !== "Enter" || event.shiftKey || this.field.value.trim() !== "/") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /**
   * @param {number} at
   * @param {"choose" | "otherwise"} [how]
   */
  choose(at, how = "choose") {
    const suggestion = this.shown[at];
    this.hide();
    suggestion?.[how]();
  }

  hide() {
    this.list.hidden = true;
    this.shown = [];
    this.field.removeAttribute("aria-activedescendant");
  }
}
