// What the assistant does for whoever writes: drafts of answers, summaries, translations. Loaded where
// an enterprise has an assistant.

import { Card } from "./card.js";
import { Requests } from "./requests.js";
import { insert } from "../../composer/insert.js";
import { stylesheet } from "../../shared/styles.js";
import { has, text } from "../../shared/text.js";
import { uncited } from "../../thread/words.js";

const FIRST = "en";
// What Escape closes wherever the focus is.
const OPEN = "dialog[open], [aria-expanded=true], .panel[data-open], .several:not([hidden]), :is(.menu, .closing, .online, .view-menu)[open]";

export class Assistant {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    const { find, page, view, writing } = workspace;
    Object.assign(this, { workspace, composer: writing.composer, drafts: new Map(), put: new Map(), group: null });
    this.field = this.composer.field;
    this.requests = new Requests({ send: (frame) => workspace.connection.send(frame) });
    this.buttons = { draft: find(".ai-draft"), translate: find(".ai-translate") };
    const place = find(".writing-area");
    this.card = new Card({
      kind: "draft",
      place,
      actions: {
        use: () => this.use(),
        edit: () => this.edit(),
        dismiss: () => this.dismiss(),
        helpful: (yes) => this.judge(Boolean(yes)),
      },
    });
    this.summary = new Card({ kind: "summary", place, actions: { dismiss: () => this.putAway(this.summary) } });
    this.buttons.draft.addEventListener("click", () => this.draft());
    this.buttons.translate.addEventListener("click", () => this.translateOwn());
    for (const button of document.querySelectorAll(".ai-summary")) {
      button.hidden = false;
      button.addEventListener("click", () => this.summarise());
    }
    this.field.addEventListener("input", () => this.typed());
    this.composer.form.addEventListener("change", () => this.show());
    // Before the field's own keys and those of the page.
    document.addEventListener("keydown", (event) => this.pressed(event), true);
    new MutationObserver(() => this.show()).observe(view.list, { childList: true });
    stylesheet(page.assistant).then(() => this.show());
  }

  // Every event of the socket.
  handle(event) {
    if (event.type === "message.posted") this.posted(event.message);
    const wanted = this.requests.answered(event);
    if (event.type === "assistant.drafted") this.drafted(event, wanted);
  }

  drafted({ group, seq, text: made, citations }, wanted) {
    if (!made) return;
    // One that was asked for may come after that of a newer message.
    if (!this.isOld(group, seq)) this.drafts.set(group, { seq, text: made, citations });
    if (wanted) this.put.delete(group);
    if (group === this.group) this.fill();
  }

  // A draft answers the last message. After a break it may come before that.
  posted({ group, seq, kind, sender }) {
    if (kind !== "message" || !sender || seq <= this.drafts.get(group)?.seq) return;
    this.drafts.delete(group);
    this.put.delete(group);
    if (group === this.group) this.card.hide();
  }

  // An own text is stored.
  sent({ note, draft }, { group, seq }) {
    if (draft && !note) this.workspace.connection.send({ type: "assistant.feedback", group, seq });
  }

  // Shows what belongs to the open conversation.
  show() {
    const { group } = this.workspace.conversations;
    if (group !== this.group) {
      this.group = group;
      this.summary.hide();
      this.fill();
    }
    const { field, composer } = this;
    const writes = !composer.note && !composer.extra.edit;
    this.buttons.draft.hidden = !writes || Boolean(field.value);
    this.buttons.translate.hidden = !writes || !field.value.trim();
  }

  // Whether somebody has written since the message that a draft answers.
  isOld(group, seq) {
    const said = this.workspace.conversations.cache.get(group)?.timeline.latest(({ kind, sender }) => kind === "message" && sender);
    return said?.seq > seq;
  }

  // A draft that was put away is not shown again by itself. Without a socket, others may have written
  // since.
  fill() {
    const { group } = this;
    const draft = this.drafts.get(group);
    if (draft && this.put.get(group) !== draft.text && !this.isOld(group, draft.seq)) this.card.fill(draft);
    else this.card.hide();
  }

  // An emptied field holds no draft any more.
  typed() {
    if (!this.field.value && this.composer.extra.draft) {
      this.composer.extend({ draft: undefined });
      this.fill();
    }
    this.show();
  }

  async draft() {
    const { group, card } = this;
    card.say(text("ai_drafting"), true);
    const { code, state, text: made } = await this.requests.ask({ type: "assistant.draft", group });
    if (group !== this.group || made) return;
    card.say(code ? why({ code, state }) : text("ai_nothing"));
  }

  use() {
    this.write();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    this.put.set(this.group, this.drafts.get(this.group).text);
    this.card.hide();
  }

  // The card stays, with its sources.
  edit() {
    this.card.taken();
    this.write();
  }

  // Puts the draft into the field: a note stays one.
  write() {
    const { composer, field, group } = this;
    const { text: made, citations } = this.drafts.get(group);
    if (!composer.note) composer.extend({ draft: true });
    insert(field, uncited(made, { citations }).trim());
  }

  dismiss() {
    const draft = this.drafts.get(this.group);
    if (draft) this.put.set(this.group, draft.text);
    this.putAway(this.card);
  }

  putAway(card) {
    if (card.root.contains(document.activeElement)) this.field.focus();
    card.hide();
  }

  judge(helpful) {
    this.workspace.connection.send({ type: "assistant.feedback", group: this.group, helpful });
    this.card.thank();
  }

  // Tab takes the draft where the field is empty, Escape puts away what is shown.
  pressed(event) {
    const { card, composer, field, summary } = this;
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const inside = target === field || [card, summary].some(({ root }) => root.contains(target));
    const here = inside || (target === document.body && !document.querySelector(OPEN));
    const free = !field.hasAttribute("aria-activedescendant") && !composer.extra.edit;
    if (key === "Tab" && target === field && free && card.isFull && !field.value && !composer.note) this.use();
    else if (key === "Escape" && here && free && summary.isShown) this.putAway(summary);
    else if (key === "Escape" && here && free && card.isShown) this.dismiss();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async summarise() {
    const { group, summary } = this;
    this.workspace.actions.close();
    summary.say(text("ai_working"), true);
    const answer = await this.requests.ask({ type: "assistant.summary", group });
    if (group !== this.group) return;
    if (answer.text) summary.fill(answer);
    else summary.say(answer.code ? why(answer) : text("ai_nothing_said"));
  }

  // Shows a visitor's message in the reader's language below it; pressed again, takes that away.
  async translate({ content, group }, element) {
    const { anchor } = this.workspace.view;
    const shown = element.querySelector(".translation");
    if (shown) return anchor.keep(() => shown.remove());
    const place = Object.assign(document.createElement("p"), { className: "translation", dir: "auto" });
    const label = Object.assign(document.createElement("b"), { textContent: text("ai_translation") });
    const words = (said) => anchor.keep(() => place.replaceChildren(label, " ", said));
    words("…");
    anchor.keep(() => element.append(place));
    const answer = await this.requests.translate({ text: content, to: document.documentElement.lang || FIRST, group });
    words(answer.text || why(answer));
  }

  // Puts the visitor's language in place of the own text.
  async translateOwn() {
    const { field, group, workspace } = this;
    const { value } = field;
    const button = this.buttons.translate;
    button.disabled = true;
    const to = workspace.details.visitor?.language || FIRST;
    const answer = await this.requests.translate({ text: value, to, group });
    button.disabled = false;
    if (group !== this.group || field.value !== value) return;
    if (!answer.text) return workspace.actions.tell(why(answer), null);
    this.replace(answer.text);
    workspace.actions.tell(text("ai_translated"), () => group === this.group && field.value === answer.text && this.replace(value));
  }

  replace(words) {
    this.field.setSelectionRange(0, this.field.value.length);
    insert(this.field, words, 0);
  }
}

const why = ({ code, state }) => text([`ai_${state}`, `ai_${code}`].find(has) ?? "ai_unavailable");
