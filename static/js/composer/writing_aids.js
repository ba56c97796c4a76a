// Aids for writing: the quoted message, and what is loaded when it is first used: the tools of a
// message, emoji, suggestions. composer.js loads this module when the page is first touched.

import { editable, Editing } from "./editing.js";
import { postForm } from "../connection/http.js";
import { words } from "../thread/words.js";
import { fillQuote } from "../thread/message.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";

const PAGES = 40;

/**
 * @import { Message } from "../connection/timeline.js"
 */

/**
 * What the aids need of a page.
 * @typedef {object} WritingPage
 * @property {import("./composer.js").Composer} composer
 * @property {import("../thread/thread.js").ThreadView} view
 * @property {string} me The reader's uuid.
 * @property {import("../connection/outbox.js").Store} store
 * @property {() => import("../connection/conversation.js").Conversation | null} conversation The one
 *   that is shown.
 * @property {(seq: number) => boolean} recall By the socket: whether it was sent.
 * @property {(code: string) => void} onRecallFailure
 * @property {((page: WritingAids) => Promise<() => import("../thread/tools.js").Tools>) | false} [sheet]
 *   Where a finger opens the tools of a message: loads what makes them,
 * @property {string} [replies] Of agents: the address of canned replies,
 * @property {(words: string) => Promise<any[]>} [articles] what articles offer,
 * @property {(answer: Message) => void} [makeArticle] of those who write articles,
 * @property {((message: Message, element: HTMLElement) => void) | false} [translate] where there is
 *   an assistant,
 * @property {() => any[]} [members] who sits here,
 * @property {() => boolean} [leads] whether they may take back what an assistant wrote,
 * @property {() => Record<string, string>} [names] and the values of {…} in a reply, and the
 *   visitor's language.
 * @property {(seq: number, content: string) => Promise<any>} [saveEdit]
 * @property {(code: string) => void} [onEditFailure]
 */

export class WritingAids {
  /** @param {WritingPage} page */
  constructor(page) {
    const { composer, view } = page;
    this.composer = composer;
    this.view = view;
    this.me = page.me;
    this.store = page.store;
    this.conversation = page.conversation;
    this.sendRecall = page.recall;
    this.onRecallFailure = page.onRecallFailure;
    this.sheet = page.sheet;
    this.replies = page.replies;
    this.articles = page.articles;
    this.makeArticle = page.makeArticle;
    this.translate = page.translate;
    this.members = page.members;
    this.leads = page.leads;
    this.names = page.names;
    this.bar = composer.form.querySelector(".answered");
    /** @type {import("../thread/tools.js").Tools | null} */
    this.tools = null;
    /** @type {import("./suggestions.js").Suggestions | null} */
    this.suggestions = null;
    /** @type {import("./emoji.js").Emoji | null} */
    this.emoji = null;
    /** @type {Promise<void> | null} */
    this.looking = null;
    if (page.saveEdit) this.editing = new Editing({ composer, save: page.saveEdit, onFailure: page.onEditFailure });
    composer.onExtra = (extra) => this.show(extra);
    this.bar.querySelector("button").addEventListener("click", () => this.editing?.cancel() || this.answer(null));
    composer.field.addEventListener("keydown", (event) => this.pressed(event));
    if (this.sheet) this.loadTools();
    // On moves, not where the page scrolled under a resting pointer. A finger that scrolls does not
    // count.
    else for (const name of ["pointermove", "click"]) {
      view.list.addEventListener(name, (event) => {
        const { type, target, pointerType } = /** @type {PointerEvent} */ (event);
        if (type !== "click" && pointerType === "touch") return;
        const element = /** @type {Element} */ (target).closest(".message");
        if (element && element !== this.tools?.element) this.loadTools().then((tools) => tools.show(element));
      });
    }
    view.list.addEventListener("click", (event) => {
      const quote = /** @type {Element} */ (event.target).closest(".quote");
      if (!quote) return;
      event.preventDefault();
      this.jump(Number(quote.dataset.of));
    });
    const button = composer.form.querySelector(".emoji");
    button.addEventListener("click", async () => {
      this.dress();
      const { Emoji } = await import("./emoji.js");
      this.emoji ??= new Emoji({ ...page, button });
      this.emoji.toggle();
    });
    if (page.replies) {
      composer.field.addEventListener("input", () => this.offer());
      composer.field.addEventListener("keydown", (event) => this.chosen(event), true);
      // Letters may have been typed while this module was loaded.
      if (document.activeElement === composer.field) this.offer();
    }
    this.show(composer.extra);
  }

  // Loads the stylesheet of the aids.
  dress() {
    return stylesheet(this.composer.form.dataset.css);
  }

  // The styles are needed first, since the room beside the bubble is measured.
  async loadTools() {
    const load = this.sheet ? this.sheet(this) : import("../thread/tools.js").then(({ Tools }) => () => new Tools(this));
    const [make] = await Promise.all([load, this.dress()]);
    return (this.tools ??= make());
  }

  // Suggests to agents while they write: canned replies after / at the beginning, colleagues after
  // @ in a note.
  offer() {
    const { field, note } = this.composer;
    const before = field.value.slice(0, field.selectionStart);
    if (!this.suggestions && !before.startsWith("/") && !(note && before.includes("@"))) return;
    this.dress();
    const looked = import("./suggestions.js")
      .then(({ Suggestions }) => (this.suggestions ??= new Suggestions(this)).look())
      .catch(() => {})
      .finally(() => this.looking === looked && (this.looking = null));
    this.looking = looked;
  }

  // Enter after / chooses a reply, also from replies that are still loading.
  chosen(event) {
    const { field } = this.composer;
    const { value } = field;
    if (!this.looking || !value.startsWith("/") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.looking.then(() => field.value === value && field.dispatchEvent(new KeyboardEvent("keydown", event)));
  }

  // Up in an empty field edits one's last message; where that is not possible, or from the start of
  // a text that was not changed yet, it moves the focus to the messages, for those who use no
  // pointer. Escape ends an edit.
  pressed(event) {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing || event.defaultPrevented);
    const { field, extra } = this.composer;
    const untouched = field.value === (extra.edit?.content ?? "") && !field.selectionEnd;
    if (!plain || (event.key === "ArrowUp" ? !untouched : event.key !== "Escape" || !extra.edit)) return;
    event.preventDefault();
    if (this.editing?.cancel()) {
      if (event.key === "Escape") return;
    } else {
      const last = this.editing && this.conversation()?.timeline.latest((message) => editable(message, this.me));
      if (last) return this.editing.begin(last);
    }
    // At once if the tools are loaded: the next key is meant for them.
    if (this.tools) this.tools.last();
    else this.loadTools().then((tools) => tools.last());
  }

  // By a request where there is no socket.
  recall(seq) {
    if (this.sendRecall(seq)) return;
    const one = this.conversation();
    const address = one.url.replace(/messages\/(?=$|\?)/, "recall/");
    return postForm(address, { seq }).then(() => one.catchUp().catch(() => {}), ({ code }) => this.onRecallFailure(code));
  }

  /**
   * Makes the text in the field an answer to this message, or to none with null.
   * @param {Message | null} message
   */
  answer(message) {
    this.composer.extend({ reply_to: message && quoteOf(message) });
    this.composer.field.focus();
  }

  /** @param {import("./composer.js").Extra} extra */
  show(extra) {
    // What a draft quotes may have been edited or taken back since it was kept.
    const quoted = this.conversation()?.timeline.messages.find(({ seq }) => seq === extra.reply_to?.seq);
    if (quoted) extra.reply_to = quoteOf(quoted);
    const { reply_to: quote, edit } = extra;
    this.bar.hidden = !quote && !edit;
    if (this.bar.hidden) return;
    const shown = edit ? { seq: edit.seq, sender_name: text("editing"), excerpt: edit.content.slice(0, 80) } : quote;
    fillQuote(this.bar.querySelector(".quote"), shown, this.me);
    this.bar.querySelector("button").ariaLabel = text(edit ? "cancel" : "quote_remove");
  }

  // Scrolls to the message with this seq, loading older pages until it is there.
  async jump(seq) {
    const one = this.conversation();
    for (let page = 0; page < PAGES && one === this.conversation(); page += 1) {
      const element = this.view.list.querySelector(`[data-seq="${seq}"]`);
      if (element) return flash(element);
      if (!one.timeline.more) return;
      await one.older();
    }
  }
}

// What a text that answers this message tells of it.
function quoteOf(message) {
  const { seq, sender, sender_name, kind, attachment: file } = message;
  const excerpt = [file?.width ? "" : file?.name, words(message)].filter(Boolean).join(" ").slice(0, 80);
  const attachment = file && (file.width ? "picture" : "file");
  return { seq, sender, sender_name, excerpt, attachment, note: kind === "note", recalled: kind === "notice" };
}

function flash(element) {
  element.scrollIntoView({ block: "center" });
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.animate?.([{ opacity: 0.3 }, { opacity: 1 }], 900);
}
