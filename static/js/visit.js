// What a conversation brings along beside its messages: its end, the line, the sound of an answer.
// Fetched when there is one.

import { Ending } from "./ending.js";
import { Sounds } from "./sounds.js";
import { Waits } from "./waits.js";

export class Visit {
  // page: the body's data. ask(): see Waits. onEnded(): see Ending.
  constructor({ me, page, store, find, ask, onEnded }) {
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

  show(conversation) {
    this.ending.show(conversation);
  }

  queue(event) {
    this.waits.event(event);
  }
}
