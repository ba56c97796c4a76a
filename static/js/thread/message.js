// Renders a message by its template (templates/chat/thread/_message.html), and reads messages that the
// server rendered.

import { fileElement, readFile } from "./attachment.js";
import { fillBody } from "./formatted.js";
import { has, text } from "../shared/text.js";
import { clock, full } from "../shared/time.js";

/** @import { Message } from "../connection/timeline.js" */

/**
 * @param {HTMLTemplateElement} template
 * @param {Message} message
 * @param {string} me The reader's uuid.
 * @returns {HTMLElement}
 */
export function build(template, message, me) {
  const element = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  element.querySelector(".name").textContent = nameOf(message.sender, message.sender_name);
  fillBody(element.querySelector(".body"), message.kind === "notice" ? { content: noticeText(message, me) } : message);
  attach(element, message.attachment);
  // As texts: visitor/choices.js makes buttons of the last ones. Without any their place is hidden.
  for (const textContent of message.data?.buttons ?? []) element.querySelector(".offered").append(Object.assign(document.createElement("span"), { textContent }));
  Object.assign(element.dataset, {
    kind: message.kind,
    role: message.sender_role,
    sender: message.sender,
    client: message.client_id ?? "",
  });
  if (!message.automatic) element.querySelector(".automatic").remove();
  const generated = message.data?.generated;
  if (!generated) element.querySelector(".generated").remove();
  if (generated || message.sender_role !== "bot") element.querySelector(".bot").remove();
  if (message.edited) element.dataset.edited = String(message.edited);
  else element.querySelector(".edited").remove();
  const quote = element.querySelector(".quote");
  if (message.reply_to) fillQuote(quote, message.reply_to, me);
  else quote.remove();
  if (message.mentions?.length) element.dataset.calls = message.mentions.join(" ");
  element.toggleAttribute("data-calls-me", Boolean(message.mentions?.includes(me)));
  if (message.sender === me && message.kind !== "notice") markMine(element);
  stamp(element, message);
  return element;
}

/**
 * Visitors see no name of an agent without a nickname.
 * @param {string} who
 * @param {string} name
 */
const nameOf = (who, name) => name || (who && has("unnamed") ? text("unnamed") : "");

/**
 * Shows the new text of a message that was edited, and the mark that says so, which `template` has.
 * @param {HTMLElement} element
 * @param {Record<string, any>} current
 * @param {HTMLTemplateElement} template
 */
export function edit(element, { edited, ...text }, template) {
  if (element.dataset.kind === "notice") return;
  fillBody(element.querySelector(".body"), text);
  if (!element.dataset.edited) element.querySelector("time").after(template.content.querySelector(".edited").cloneNode(true));
  element.dataset.edited = edited;
}

/**
 * Puts the file above the text, in place of the preview while it was sent.
 * @param {HTMLElement} element
 * @param {import("./attachment.js").FileFacts | null} [file]
 */
export function attach(element, file) {
  if (!file) return;
  const preview = element.querySelector(".file canvas");
  for (const old of element.querySelectorAll(".file, .upload")) old.remove();
  const shown = fileElement(file);
  element.querySelector(".body").before(shown);
  if (preview && file.thumbnail) keepUntilLoaded(preview, shown.firstElementChild);
}

// The sender has the picture already: a copy stays until the stored one can take its place. The
// preview itself belongs to the upload, which may be shown once more.
function keepUntilLoaded(preview, picture) {
  const copy = preview.cloneNode();
  copy.getContext("2d").drawImage(preview, 0, 0);
  const change = () => copy.replaceWith(picture);
  picture.replaceWith(copy);
  picture.decode().then(change, change);
}

/**
 * Sets what is known only of a stored message: its seq and time.
 * @param {HTMLElement} element
 * @param {Pick<Message, "seq" | "created_at">} message
 */
export function stamp(element, { seq, created_at: createdAt }) {
  element.dataset.seq = String(seq ?? "");
  if (seq) element.id = `m${seq}`;
  const time = element.querySelector("time");
  time.dateTime = createdAt;
  localise(time);
}

function localise(time) {
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) return;
  time.textContent = clock(date);
  time.title = full(date);
}

function markMine(element) {
  element.dataset.mine = "";
  element.querySelector(".name").textContent = text("you");
}

/**
 * Completes a message that the server rendered: times in the reader's zone, links.
 * @param {HTMLElement} element
 * @param {string} me The reader's uuid.
 * @returns {Message} It, for the timeline.
 */
export function adopt(element, me) {
  const body = element.querySelector(".body");
  const time = element.querySelector("time");
  const { seq, kind, role, sender, client } = element.dataset;
  /** @type {Message} */
  const message = {
    seq: Number(seq),
    kind,
    sender,
    sender_name: element.querySelector(".name").textContent,
    sender_role: role,
    content: body.dataset.source ?? body.textContent,
    attachment: readFile(element.querySelector(".file")),
    client_id: client,
    created_at: time.dateTime,
  };
  const quote = element.querySelector(".quote");
  if (quote) message.reply_to = readQuote(quote);
  const offered = element.querySelector(".offered");
  if (offered) message.data = { buttons: [...offered.children].map((one) => one.textContent) };
  if (element.dataset.generated) message.data = { generated: true, citations: JSON.parse(element.dataset.generated) };
  if (element.dataset.edited) message.edited = Number(element.dataset.edited);
  if (element.dataset.calls) message.mentions = element.dataset.calls.split(" ");
  if (body.dataset.formatted) message.formatted = JSON.parse(body.dataset.formatted);
  if (body.textContent.includes("://")) fillBody(body, message);
  if ("mine" in element.dataset) markMine(element);
  localise(time);
  return message;
}

/**
 * Fills the quote above an answer.
 * @param {HTMLElement} element
 * @param {Record<string, any>} quote
 * @param {string} me The reader's uuid.
 */
export function fillQuote(element, { seq, sender, sender_name: name, excerpt, attachment, recalled }, me) {
  element.dataset.of = seq;
  if (element.matches("a")) /** @type {HTMLAnchorElement} */ (element).href = `#m${seq}`;
  element.querySelector("b").textContent = sender && sender === me ? text("you") : nameOf(sender, name);
  element.querySelector("span").textContent = recalled ? text("recalled") : excerpt || text(`quoted_${attachment}`);
}

function readQuote(element) {
  const [name, excerpt] = ["b", "span"].map((part) => element.querySelector(part).textContent);
  return { seq: Number(element.dataset.of), sender_name: name, excerpt };
}

/**
 * Whether a message continues the one before it: by the same author, soon after. What a model wrote
 * says so each time.
 * @param {HTMLElement} element
 * @param {HTMLElement} before
 */
export function follows(element, before) {
  const gap = at(element) - at(before);
  const same = ["kind", "sender"].every((key) => element.dataset[key] === before.dataset[key]);
  return same && element.dataset.kind !== "notice" && gap < 300_000 && !element.querySelector(".generated");
}

/** @param {Element} element */
export const at = (element) => new Date(element.querySelector("time").dateTime).getTime();

/**
 * A recall and an edit have no line of their own, nor has an erased text.
 * @param {Message} message
 */
export const silent = ({ data }) => ["recall", "edited", "erased"].includes(data?.event);

/**
 * The sentence of a notice in the reader's language, from its facts.
 * @param {{data?: Record<string, any>, content?: string, excerpt?: string}} message
 * @param {string} [me] The reader's uuid.
 */
export function noticeText(message, me) {
  const key = `notice_${noticeKey(message.data ?? {})}`;
  // The sentence for what the visitor did themselves.
  if (me && [message.data?.by, message.data?.member].includes(me) && has(`${key}_own`)) return text(`${key}_own`);
  return has(key) ? text(key, message.data) : (message.content ?? message.excerpt ?? "");
}

/**
 * The key of the sentence; chat/templatetags/notices.py has the same rules.
 * @param {Record<string, any>} data
 */
function noticeKey({ event, comment, reason, summary, by, words, why }) {
  if (why && /^(erasure|back|expired|closed)$/.test(event)) return `${event}_${why}`;
  // Visitors read the same whatever the reason.
  if (event === "handed_over" && has(`notice_${event}_${why}`)) return `${event}_${why}`;
  if (event === "assigned") return `assigned_${reason}`;
  if (event === "rated" && comment) return "rated_comment";
  if (event === "closing" && !(reason && summary)) return reason ? "closing_reason" : "closing_summary";
  if (event === "idle" && words) return "idle_told";
  if (event === "closed" && !by) return words ? "closed_told" : "closed_idle";
  return event;
}
