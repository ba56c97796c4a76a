// What a visitor writes, on its way: kept until it is known to be stored, and what becomes of it when
// it is refused.

import { Composer, loadAidsLater } from "../composer/composer.js";
import { Delivery, points, prover } from "../connection/delivery.js";
import { Outbox } from "../connection/outbox.js";
import { text } from "../shared/text.js";

// Two presses within this time are one double click.
const DOUBLE_CLICK = 1000;

export class Sending {
  // chat: the VisitorController.
  constructor(chat) {
    const { connection, conversation, fallback, find, introduction, me, page, place, store, view } = chat;
    Object.assign(this, { chat, conversation, introduction, place, view, greeting: find(".greeting") });
    this.delivery = new Delivery({
      ...{ connection, fallback, frame },
      url: () => page.messages,
      fields: (item) => ({ me, ...fields(item) }),
      onAccepted: (answer) => {
        this.accepted(answer);
        this.outbox.flush();
      },
      onRefused: (id, code, facts) => this.refused(id, code, facts),
    });
    this.outbox = new Outbox({
      store,
      prefix: `${place}:outbox:`,
      transport: (item) => this.delivery.send(item),
      onChange: (item) => this.show(item),
    });
    this.prove = prover((id, proof) => this.outbox.release(id, { proof }));
    this.composer = new Composer({
      form: find(".composer"),
      store,
      ready: () => introduction.collect() !== null,
      onInput: (draft) => {
        chat.withParts((parts) => parts.typing.input(draft));
        if ("suggests" in page) chat.withArticles((articles) => articles.input(draft));
      },
      onSend: (content, note, extra) => {
        chat.withParts((parts) => parts.typing.stop());
        return this.send(content, extra);
      },
    });
    // It has `files` once they are loaded.
    this.aids = loadAidsLater({
      ...{ composer: this.composer, view, me, store },
      conversation: () => conversation,
      recall: (seq) => connection.send({ type: "message.recall", group: conversation.group, seq }),
      onRecallFailure: () => chat.status.notify("not_done"),
      target: () => ({ group: null, url: page.messages, fields: { me, ...introduction.answers } }),
      onStored: (item, answer) => this.stored(item, answer),
    });
    this.pressed = -Infinity;
    find(".questions")?.addEventListener("submit", (event) => this.asked(event));
  }

  // Takes up what an earlier page left: texts on their way, and the draft.
  load() {
    for (const item of this.outbox.load()) {
      if (this.conversation.has(item.client_id)) this.outbox.accepted(item.client_id);
      else this.show(item);
    }
    this.composer.use(`${this.place}:draft`);
    window.addEventListener("storage", (event) => this.storageChanged(event));
  }

  // Another window of this visitor delivered a failed text, or took it back.
  storageChanged({ key, newValue }) {
    const { outbox } = this;
    const id = key?.startsWith(outbox.prefix) && newValue === null && key.slice(outbox.prefix.length);
    if (id && outbox.items.get(id)?.state === "failed") this.drop(id);
  }

  show(item) {
    this.chat.begin();
    this.view.showPending(this.outbox.shown(item));
  }

  // Whether the text was taken over. extra: what it answers, or which quick question it is.
  send(content, extra) {
    const said = this.introduction.collect();
    if (!said) return false;
    this.view.clearFresh();
    this.show(this.outbox.add({ group: null, content, ...extra, ...said }));
    this.outbox.flush();
    return true;
  }

  // A quick question was pressed.
  asked(event) {
    event.preventDefault();
    const { content, question } = Object.fromEntries(new FormData(event.target));
    const twice = event.timeStamp - this.pressed <= DOUBLE_CLICK;
    if (twice || !this.send(content, { question: Number(question) })) return;
    this.pressed = event.timeStamp;
    // The button that was pressed is hidden now; the field would open the keyboard of a phone.
    event.currentTarget.open = false;
    this.view.anchor.scroller.focus();
  }

  accepted(answer) {
    const item = this.outbox.accepted(answer.client_id);
    this.conversation.group ??= answer.group;
    if (item) this.stored(item, answer);
  }

  // A push says that an own message is stored.
  posted(clientId) {
    this.entered(this.outbox.accepted(clientId));
    this.aids.files?.accepted(clientId);
  }

  stored(item, answer) {
    this.conversation.group ??= answer.group;
    this.entered(item);
    this.conversation.stored(item, answer, { name: text("you"), role: "visitor" });
    this.chat.tellHost();
  }

  // The introduction is stored with the first message.
  entered(item) {
    if (this.introduction.before) this.greeting.hidden = true;
    const answers = this.introduction.stored(item);
    if (answers.asked) this.chat.withParts((parts) => parts.reach(answers));
  }

  // What was wrong with an introduction is corrected there, so the text comes back to be sent again.
  refused(id, code, facts) {
    const item = this.outbox.refused(id, code, facts);
    if (item && facts.challenge) this.prove(id, facts.challenge);
    if (!item || !facts.field) return;
    this.act("edit", id);
    this.introduction.wrong(facts.field);
  }

  // A button at a message that was not sent: again, back to the field, or away.
  act(name, clientId) {
    if (this.aids.files?.act(name, clientId)) return;
    if (name === "retry") this.outbox.retry(clientId);
    if (name !== "edit" && name !== "discard") return;
    const { content, reply_to } = this.outbox.items.get(clientId) ?? {};
    this.drop(clientId);
    if (content && name === "edit") this.composer.restore(content, false, { reply_to });
  }

  drop(clientId) {
    this.outbox.forget(clientId);
    this.view.dropPending(clientId);
  }
}

function frame({ client_id, content, introduction, ...item }) {
  return { type: "message.send", client_id, content, ...points(item), ...(introduction && { introduction }) };
}

function fields({ client_id, content, introduction, ...item }) {
  return { client_id, content, ...points(item), ...introduction };
}
