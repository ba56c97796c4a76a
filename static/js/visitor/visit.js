// What a conversation brings along beside its messages: its end, the line, the sound of an answer.
// Fetched when there is one.

import { Ending } from "./ending.js";
import { Sounds } from "./sounds.js";
import { Waits } from "./waits.js";

export class Visit {
  // page: the body's data. ask(): see Waits. onEnded(): see Ending. onMoved(): another team looks
  // after the visitor than before.
  constructor({ me, page, store, find, ask, onEnded, onMoved }) {
    Object.assign(this, { onMoved, moved: Number(page.lastSeq) || 0 });
    this.sounds = new Sounds({ me, store });
    this.waits = new Waits({ me, element: find(".queue"), ask });
    this.ending = new Ending({
      form: find(".rating"),
      menu: find(".chat-menu"),
      sounds: this.sounds,
      ended: "closed" in page,
      since: Number(page.lastSeq) || 0,
      onEnded,
    });
  }

  // The conversation as the socket's hello has it.
  row({ open, last_seq, waiting_since }) {
    this.ending.row({ open, last_seq });
    this.waits.wait(Boolean(open && waiting_since));
  }

  posted(message) {
    this.sounds.posted(message);
    this.waits.after(message);
  }

  // Older notices come with their facts when one scrolls up.
  show(conversation) {
    this.ending.show(conversation);
    const { seq = 0 } = conversation.timeline.latest(({ data }) => data?.event === "moved") ?? {};
    if (seq <= this.moved) return;
    this.moved = seq;
    this.onMoved();
  }

  queue(event) {
    this.waits.event(event);
  }
}
