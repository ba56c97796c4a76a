// The parts of the page that only a conversation needs: its closing, the queue, the sound of an
// answer. Loaded once there is one.

import { Choices } from "./choices.js";
import { Closing } from "./closing.js";
import { showFaces } from "./faces.js";
import { Floor } from "./floor.js";
import { ReplySoundLoader } from "./reply_sound_loader.js";
import { Waiting } from "./waiting.js";
import { TypingIndicator, TypingSender } from "../composer/typing.js";
import { stylesheet } from "../shared/styles.js";
import { text } from "../shared/text.js";
import { Title } from "../shared/title.js";

export class ConversationParts {
  // page: the body's data. ask(): see Waiting. onMoved(): another team looks after the visitor now.
  // onFloor(): see Floor's changed. view: the ThreadView, and the `timeline` that it shows.
  // sendTyping(draft): tells the agents what is being typed. leaves(message): whether the thread
  // leaves it out. sending: the Sending. failed(): what the visitor asked for was not done.
  constructor({ me, page, store, find, view, timeline, ask, onMoved, onFloor, failed, sendTyping, leaves, sending }) {
    Object.assign(this, { page, find, view, onMoved, failed, moved: Number(page.lastSeq) || 0, asked: 0 });
    showFaces(view, timeline);
    new Choices({ list: view.list, timeline, sending });
    this.title = new Title(document);
    this.sounds = new ReplySoundLoader({ me, store });
    this.typing = new TypingSender({ drafts: "drafts" in page, send: sendTyping });
    this.writers = new TypingIndicator({ element: find(".typing"), line: (name) => text("typing", { name }) });
    this.waiting = new Waiting({ me, element: find(".queue"), ask });
    this.floor = new Floor({ form: find(".handover"), last_seq: this.moved, changed: onFloor, left: () => view.anchor.scroller.focus({ preventScroll: true }), failed });
    const form = find(".rating");
    // Long before there is something to rate.
    stylesheet(form.dataset.css);
    this.closing = new Closing({
      form,
      menu: find(".chat-menu"),
      leaves,
      open: !("closed" in page),
      last_seq: Number(page.lastSeq) || 0,
    });
  }

  // The conversation as the socket's hello describes it.
  row({ open, bot, last_seq, waiting_since }) {
    this.closing.row({ open, last_seq });
    this.floor.row({ bot, last_seq });
    this.waiting.wait(Boolean(open && waiting_since));
  }

  posted(message) {
    this.sounds.posted(message);
    this.waiting.after(message);
  }

  // Older notices arrive when one scrolls up.
  show(conversation) {
    this.closing.show(conversation);
    this.floor.show(conversation);
    this.askIfHelpful(conversation);
    const { seq = 0 } = conversation.timeline.latest(({ data }) => data?.event === "moved") ?? {};
    if (seq <= this.moved) return;
    this.moved = seq;
    this.onMoved();
  }

  askIfHelpful({ timeline }) {
    const { seq } = timeline.latest(({ data }) => data?.citations?.length) ?? {};
    if (!seq || seq === this.asked) return;
    this.asked = seq;
    import("./helpful.js").then(({ askBelow }) => askBelow(this.page, this.view, seq, this.failed)).catch(() => (this.asked = 0));
  }

  // Somebody has come or gone, or the first message was stored, with `answers` (Introduction's
  // stored). While nobody is there the visitor is asked for an address to which answers are mailed,
  // if the page does so, or that of after the first message.
  reach(answers) {
    const { find, page } = this;
    if (!answers && !this.address && !find(".address")) return;
    // No network: the next page asks.
    this.address ??= import("./address.js").then(({ open }) => open({ page, find })).catch(() => (this.address = null));
    this.address.then((address) => address?.away("away" in page, answers));
  }
}

// Connects them with the page. chat: the VisitorController.
export function joinParts(chat) {
  const { conversation, connection, me, page, store, find, view, sending } = chat;
  // Answers may name some.
  if ("articles" in page) chat.withArticles();
  return new ConversationParts({
    ...{ me, page, store, find, view, sending, timeline: conversation.timeline },
    ask: () => connection.send({ type: "queue" }),
    sendTyping: (draft) => connection.send({ type: "typing", group: conversation.group, draft }),
    leaves: (message) => chat.leaves(message),
    onFloor: () => {
      find(".machine").hidden = find(".handover").hidden;
      chat.events.floor();
    },
    failed: () => chat.status.notify("not_done"),
    onMoved: () => connection.send({ type: "team" }) || chat.events.team(),
  });
}
