// What a message of a channel shows beside its text: what became of it on its way, with cause and
// cure where it did not arrive, and of a mail its subject, sender, quoted text and HTML. The server
// makes the same (templates/chat/thread/_of_channel.html).

import { make } from "./make.js";
import { has, text } from "../../shared/text.js";

export class Messages {
  // ways(): the other ways by which the customer can be written to. send(content): sends once more.
  // go(group, content): opens another conversation with a text in its field.
  constructor({ view, conversations, ways, send, go }) {
    Object.assign(this, { view, conversations, ways, send, go });
    new MutationObserver(() => this.dressAll()).observe(view.list, { childList: true });
    view.list.addEventListener("click", (event) => this.clicked(event));
    this.dressed = new WeakSet();
    for (const element of view.bubbles()) this.adopt(element);
  }

  // What the server rendered of a message is known from its element.
  adopt({ dataset: { seq, facts } }) {
    const message = facts && this.find(this.conversations.current, Number(seq));
    if (message) message.data = { ...message.data, ...JSON.parse(facts) };
  }

  find(conversation, seq) {
    return conversation?.timeline.messages.find((one) => one.seq === seq);
  }

  dressAll() {
    const fresh = this.view.bubbles().filter((element) => element.dataset.seq && !this.dressed.has(element));
    if (!fresh.length || !this.conversations.current) return;
    const known = new Map(this.conversations.current.timeline.messages.map((one) => [String(one.seq), one]));
    this.view.anchor.keep(() => fresh.forEach((element) => this.dress(element, known.get(element.dataset.seq))));
  }

  dress(element, message) {
    if (!message) return;
    this.dressed.add(element);
    const { data, kind } = message;
    if (kind === "notice") return this.word(element, data);
    if (data?.delivery) this.showDelivery(element, message);
    if ((data?.mail || data?.quoted) && !element.querySelector(".mail-head, .quoted")) dressMail(element, data);
  }

  word(element, data) {
    if (data?.event !== "undelivered") return;
    element.querySelector(".body").textContent = text("notice_undelivered", { reason: causeOf(data.reason, data.words) });
  }

  showDelivery(element, { seq, content, attachment, data: { delivery } }) {
    element.dataset.delivery = delivery.state;
    const meta = element.querySelector(".meta");
    const place = meta.querySelector(".delivery") ?? meta.appendChild(make("span", { className: "delivery" }));
    const waits = delivery.state === "sending" && delivery.reason;
    place.textContent = [text(`delivery_${delivery.state}`), waits && causeOf(waits)].filter(Boolean).join(" · ");
    element.querySelector(".undelivered")?.remove();
    if (delivery.state !== "failed") return;
    const cause = causeOf(delivery.reason, this.saidOf(seq));
    const acts = make("p", { className: "cluster" }, ...this.ways().map((way) => this.instead(way, content)));
    if (content && !attachment && !this.isFollowed(seq)) acts.append(make("button", { type: "button", className: "button", name: "again" }, text("send_again")));
    element.append(make("div", { className: "undelivered" }, make("p", {}, text("undelivered", { cause })), acts));
  }

  // Whether the team has written again since.
  isFollowed(seq) {
    return this.conversations.current.timeline.messages.some((one) => one.seq > seq && one.kind === "message" && one.sender_role === "agent");
  }

  instead({ kind, group }) {
    const link = make("a", { className: "button", href: this.conversations.href(group) }, text(`answer_${kind}`));
    link.dataset.group = group;
    return link;
  }

  // What the other side said, as the notice of it has it.
  saidOf(seq) {
    const about = this.conversations.current.timeline.messages.filter(({ data }) => data?.event === "undelivered" && data.of === seq);
    return about.pop()?.data.words;
  }

  clicked(event) {
    const button = event.target.closest('.undelivered [name="again"]');
    const link = event.target.closest("a[data-group], a[data-html]");
    if ((!button && !link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const element = event.target.closest(".message");
    const { seq } = element.dataset;
    const content = this.find(this.conversations.current, Number(seq))?.content ?? element.querySelector(".body").textContent;
    event.preventDefault();
    if (button) this.send(content) && button.remove();
    else if (link.dataset.group) this.go(link.dataset.group, content);
    else import("./mail_view.js").then(({ show }) => show(link.href, this.find(this.conversations.current, Number(seq))?.data?.mail));
  }

  // The event message.delivery: also of conversations that are not open now.
  delivered({ group, seq, delivery }) {
    const message = this.find(this.conversations.cache.get(group), seq);
    if (message) message.data = { ...message.data, delivery };
    this.again(group, seq);
  }

  // An own message was shown before it came back with what only the server says of it.
  posted({ group, seq, data, kind, sender_role: role }) {
    if (kind === "notice") return void (data?.event === "undelivered" && this.again(group, data.of));
    if (kind === "message" && role === "agent" && group === this.conversations.group) {
      for (const old of this.view.list.querySelectorAll('.undelivered [name="again"]')) old.remove();
    }
    const message = data?.delivery && this.find(this.conversations.cache.get(group), seq);
    if (!message) return;
    message.data = { ...data, ...message.data };
    this.again(group, seq);
  }

  again(group, seq) {
    if (group !== this.conversations.group) return;
    const element = this.view.list.querySelector(`.message[data-seq="${seq}"]`);
    if (element) this.view.anchor.keep(() => this.dress(element, this.find(this.conversations.current, seq)));
  }

  // The window has closed before the message was stored: it stays, and can go another way.
  refused({ client_id: id, instead = [] }) {
    const acts = this.view.pending.get(id)?.querySelector(".actions");
    const ways = this.ways().filter(({ kind }) => !instead.length || instead.includes(kind));
    acts?.append(...ways.map((way) => this.instead(way)));
  }
}

// A code may have several parts (550 5.1.1), of which the last known one counts; after smtp it is
// of our own account.
function causeOf(reason, words) {
  const parts = reason.startsWith("smtp ") ? ["smtp"] : [reason, ...reason.split(" ").reverse()];
  const known = parts.find((part) => has(`cause_${part}`));
  return known ? text(`cause_${known}`) : [reason, words].filter(Boolean).join(" · ");
}

function dressMail(element, { mail = {}, quoted }) {
  const { subject, from, cc = [], automatic, hint, raw, html } = mail;
  const line = (words) => make("span", { dir: "auto" }, words);
  const head = make("p", { className: "mail-head" }, make("b", { dir: "auto" }, subject || text("mail_no_subject")));
  if (automatic) head.append(make("span", { className: "automatic" }, text("mail_automatic")));
  head.append(line(from ?? ""));
  if (cc.length) head.append(line(`${text("mail_cc")}${[cc].flat().join(", ")}`));
  if (hint && has(`hint_${hint}`)) head.append(make("strong", {}, text(`hint_${hint}`)));
  if (subject !== undefined) element.querySelector(".meta").after(head);
  const below = [];
  if (quoted) below.push(make("details", { className: "quoted" }, make("summary", {}, text("quoted")), make("div", { dir: "auto" }, quoted)));
  const links = make("p", { className: "mail-links" });
  if (html) {
    const link = make("a", { href: html, target: "_blank", rel: "noopener" }, text("mail_html"));
    link.dataset.html = "";
    links.append(link);
  }
  if (raw) links.append(make("a", { href: raw, download: "" }, text("mail_raw")));
  if (links.children.length) below.push(links);
  element.querySelector(".body").after(...below);
}
