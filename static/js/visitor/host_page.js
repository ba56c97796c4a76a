// The page of the site around the chat, where the chat is in its widget (widget.js). It gets the
// unread count, that the visitor closes the chat, and what happens there, without any text. It says
// when the panel opens, with which text in the field or article, and with which invitation (inviting.js).
// Messages go only to that window and come only from it, at the origin that the server has checked.

import { LONGEST } from "../connection/outbox.js";

export class HostPage {
  // leave: the button that closes the panel. onOpen(text): the visitor or the site opened the
  // panel, the site maybe with a text, or with the address of an article: { url }. onWords({ text, name, rule or visit }): what the visitor read on the
  // site before; sent again with each state.
  constructor({ origin, leave, onOpen, onWords, window = globalThis }) {
    Object.assign(this, { origin, window });
    leave.hidden = false;
    leave.addEventListener("click", () => this.send({ kefu: "close" }));
    window.addEventListener("message", ({ origin: from, source, data }) => {
      if (from !== origin || source !== window.parent) return;
      if (data?.kefu === "open") onOpen(data.text);
      if (data?.kefu === "words") onWords?.(data);
    });
  }

  // known: whether there is a conversation, so that the site's next page asks for news.
  sendState({ unread, known }) {
    this.send({ kefu: "state", unread, known });
  }

  // Something happened for which the site's scripts may listen (docs/widget.md).
  event(name, detail) {
    this.send({ kefu: "event", name, detail });
  }

  send(message) {
    this.window.parent.postMessage(message, this.origin);
  }
}

/**
 * Puts a text into the field that the visitor has not written, so it is no draft before they change
 * it. What they have begun stays.
 * @param {import("../composer/composer.js").Composer} composer
 * @param {string} text
 * @param {string | null} former What this has put there before.
 * @returns {string | null} What it has put there now.
 */
export function suggest(composer, text, former) {
  const { field } = composer;
  if (field.value && field.value !== former) return former;
  field.value = [...text].slice(0, LONGEST).join("");
  composer.grow();
  // As the field has it, with its line ends.
  return field.value;
}

// Shows in place of the greeting what the visitor read on the site.
export function showWords({ text, name }, find) {
  find(".greeting .name").textContent = name;
  find(".greeting .body").textContent = text;
}

// Connects the chat with the page around it. chat: the VisitorController.
export function joinHost(chat) {
  const { conversation, find, introduction, page, sending } = chat;
  let suggested = null;

  // A touch keyboard would cover half the screen, so there the field waits to be touched.
  function onOpen(text) {
    if (text && typeof text === "string") suggested = suggest(sending.composer, text, suggested);
    if (matchMedia("(pointer: fine)").matches) sending.composer.field.focus();
    chat.read();
    if (text?.url) chat.withArticles((articles) => articles.open(text.url));
  }

  // What the visitor read on the site and answers now replaces the greeting, until it comes back as
  // the first message.
  function onWords(words) {
    if (conversation.group) return;
    showWords(words, find);
    introduction.before = words.rule ? { rule: words.rule } : { visit: words.visit };
  }

  chat.host = new HostPage({ origin: page.host, leave: find(".leave"), onOpen, onWords });
  chat.tellNews = ({ seq, created_at: at }) => chat.host.event("message", { seq, at });
  find(".rating").addEventListener("rated", ({ detail }) => chat.host.event("rated", detail));
  chat.tellHost();
}
