// The site around the page, where the page stands in its widget (widget.js): told what is unread
// and that the visitor wants to close; heard when the panel opens, and which words it was opened
// with (inviting.js). Only that one window of that one origin, which the server has checked, is
// spoken to or listened to.

export class Site {
  // leave: the button that closes the panel. onOpen(): the panel was opened by hand. onWords({ text,
  // name, rule or visit }): what the visitor read on the site before; told again with each state.
  constructor({ origin, leave, onOpen, onWords, window = globalThis }) {
    Object.assign(this, { origin, window });
    leave.hidden = false;
    leave.addEventListener("click", () => this.send({ kefu: "close" }));
    window.addEventListener("message", ({ origin: from, source, data }) => {
      if (from !== origin || source !== window.parent) return;
      if (data?.kefu === "open") onOpen();
      if (data?.kefu === "words") onWords?.(data);
    });
  }

  // known: whether there is a conversation, so that it is worth asking for news on the next page.
  tell({ unread, known }) {
    this.send({ kefu: "state", unread, known });
  }

  send(message) {
    this.window.parent.postMessage(message, this.origin);
  }
}
