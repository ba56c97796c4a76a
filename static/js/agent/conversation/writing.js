// What an agent writes with: the field with its drafts, the sign that somebody types, and the aids
// and files that are loaded later.

import { chooseKey } from "../controls.js";
import { layers } from "../layers.js";
import { Composer, loadAidsLater } from "../../composer/composer.js";
import { TypingSender } from "../../composer/typing.js";
import { postForm } from "../../connection/http.js";
import { text } from "../../shared/text.js";

// Why an edit cannot be stored any more.
const TOO_LATE = ["conflict", "forbidden", "not_found"];
// Of colleagues' answers: how many are shown, and of each how much.
const SHOWN = 3;
const LENGTH = 300;

// The draft of a conversation that is opened later. An edit (editing.js) that is too late is a draft
// like any other, above what was being written before.
export function stillPossible(draft, now = Date.now()) {
  const edit = draft?.extra?.edit;
  if (!edit || edit.until >= now) return draft;
  const changed = draft.text === edit.content ? "" : draft.text;
  // What was changed in a note is for colleagues.
  return { ...edit.before, text: [changed, edit.before.text].filter(Boolean).join("\n"), note: (changed && draft.note) || edit.before.note };
}

export class Writing {
  // workspace: the WorkspaceController.
  constructor(workspace) {
    const { connection, conversations, details, find, href, me, page, place, sending, status, store, view } = workspace;
    Object.assign(this, { connection, details, place, sending, store, typing: null });
    this.composer = new Composer({
      form: find(".composer"),
      store,
      onInput: (draft) => (this.composer.note || this.composer.extra.edit ? this.stopTyping() : this.typing?.input(draft)),
      latest: () => conversations.current?.timeline.last,
      onSend: (content, note, extra, began) => {
        if (extra.edit) return void this.aids.aids?.editing.send(content);
        const answers = note ? [] : answersSince(conversations.current?.timeline.messages ?? [], began, me);
        if (answers.length) return void this.collision.ask(answers);
        const taken = sending.send(content, note, { ...extra, name: this.composer.name }, began);
        if (taken) this.stopTyping();
        return taken;
      },
    });
    this.collision = new Collision({
      box: find(".collision"),
      onInsist: (seen) => this.begun(seen).submit(),
      onKeep: (seen) => this.begun(seen).field.focus(),
    });
    chooseKey({ select: find(".sending-key"), composer: this.composer, store, key: `${place}:key` });
    const names = () => ({
      ...{ visitor: find("#thread-name").textContent, agent: page.name, team: find(".team-name").textContent },
      language: details.visitor?.language ?? "",
    });
    this.offerReplies(find(".canned"), { url: page.replies, names, store, me });
    // It has `files` once they are loaded.
    this.aids = loadAidsLater({
      ...{ composer: this.composer, view, me, store, replies: page.replies, name: page.name, names },
      articles: async (words) => (await workspace.articles)?.choices(words) ?? [],
      makeArticle: page.newArticle && (async (answer) => {
        const { makeArticle } = await import("./make_article.js");
        makeArticle(page.newArticle, answer, conversations.current.timeline.messages);
      }),
      translate: "assistant" in page && (async (message, element) => (await workspace.assistant)?.translate(message, element)),
      sheet: layers.touched && ((aids) => import("../message_sheet.js").then(({ MessageSheet }) => () => new MessageSheet(aids))),
      members: () => details.members,
      layer: (close) => layers.add(close),
      leads: () => details.leads,
      conversation: () => conversations.current,
      recall: (seq) => connection.send({ type: "message.recall", group: conversations.group, seq }),
      onRecallFailure: (code) => workspace.refused(code),
      saveEdit: (seq, content) => postForm(`${href(conversations.group)}edit/`, { seq, content }),
      onEditFailure: (code) => (TOO_LATE.includes(code) ? status.notify("refused_edit") : workspace.refused(code)),
      target: () => conversations.target(),
      onStored: (item, answer) => workspace.events.stored(item, answer),
      onUnauthorised: () => workspace.login.ask(),
    });
  }

  // The button of canned replies, which needs scripts.
  offerReplies(canned, replies) {
    const { field } = this.composer;
    canned.hidden = false;
    canned.addEventListener("click", async () => {
      const { pickReply } = await import("../pickers/canned_picker.js");
      pickReply({ ...replies, button: canned, field });
    });
  }

  // What is in the field counts as written in view of everything up to `seq`.
  begun(seq) {
    this.composer.began = seq;
    this.composer.keep();
    return this.composer;
  }

  // Writes for this conversation from now on: its draft, and what is on its way to it.
  use(conversation) {
    const { composer, store } = this;
    const { group } = conversation;
    this.collision.hide();
    this.typing = new TypingSender({
      drafts: false,
      send: (draft) => this.connection.send({ type: "typing", group, draft }),
    });
    this.sending.open(conversation);
    const key = this.draftKey(group);
    const draft = store.get(key);
    if (draft?.extra?.edit) store.set(key, stillPossible(draft));
    // Another window that sent its own text there has removed this one's.
    if (composer.field.value && !store.get(composer.key)) composer.keep();
    composer.use(key, this.details.known.group_name);
    this.aids.files?.use(group);
  }

  stopTyping() {
    this.typing?.stop();
  }

  draftKey(group) {
    return `${this.place}:draft:${group}`;
  }

  // A button at a message that is on its way.
  act(name, clientId) {
    // Its text is none of the message that is being edited.
    if (name === "edit") this.aids.aids?.editing?.cancel();
    if (!this.aids.files?.act(name, clientId)) this.sending.act(name, clientId, this.composer);
  }
}

// The public messages of colleagues after the seq `began`, of those that a page has.
export function answersSince(messages, began, me) {
  return messages.filter(
    ({ seq, kind, sender, sender_role: role, automatic }) =>
      seq > began && kind === "message" && role === "agent" && sender && sender !== me && !automatic,
  );
}

// Asks before an answer is sent that was begun before a colleague answered.
class Collision {
  // box: the element of the composer that asks. onInsist(seen): send all the same; onKeep(seen): go
  // on writing. seen: the seq of the last answer that was shown.
  constructor({ box, onInsist, onKeep }) {
    Object.assign(this, { box, onInsist, onKeep, seen: 0 });
    [this.keep, this.insist] = box.querySelectorAll("button");
    this.keep.addEventListener("click", () => this.answer(onKeep));
    this.insist.addEventListener("click", () => this.answer(onInsist));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.answer(onKeep);
    });
  }

  // The focus goes to what sends nothing, since a second Enter may be on its way.
  ask(answers) {
    const last = answers[answers.length - 1];
    this.seen = last.seq;
    this.box.querySelector("p").textContent = text("collided", { name: last.sender_name });
    this.box.querySelector("ul").replaceChildren(...answers.slice(-SHOWN).map(line));
    this.box.hidden = false;
    for (const button of [this.keep, this.insist]) button.hidden = false;
    this.keep.focus();
  }

  answer(then) {
    this.hide();
    then(this.seen);
  }

  hide() {
    this.box.hidden = true;
  }
}

function line({ sender_name: name, content, attachment }) {
  const item = document.createElement("li");
  const who = document.createElement("b");
  who.textContent = name;
  item.append(who, ` ${(content || attachment?.name || "").slice(0, LENGTH)}`);
  item.dir = "auto";
  return item;
}
