// What an agent writes with: the field with its drafts, the sign that somebody types, and the aids
// and files that are loaded later.

import { answersSince, Collision } from "./collision.js";
import { chooseKey } from "../controls.js";
import { layers } from "../layers.js";
import { Composer, loadAidsLater } from "../../composer/composer.js";
import { TypingSender } from "../../composer/typing.js";
import { postForm } from "../../connection/http.js";

// Why an edit cannot be stored any more.
const TOO_LATE = ["conflict", "forbidden", "not_found"];

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
