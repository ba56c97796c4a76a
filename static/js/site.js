// The site around the page, where the page stands in its widget (widget.js): told what is unread
// and that the visitor wants to close; heard when the panel opens. Only that one window of that one
// origin, which the server has checked, is spoken to or listened to.

export class Site {
  // leave: the button that closes the panel. onOpen(): the panel was opened by hand.
  constructor({ origin, leave, onOpen, window = globalThis }) {
    Object.assign(this, { origin, window });
    leave.hidden = false;
    leave.addEventListener("click", () => this.send({ kefu: "close" }));
    window.addEventListener("message", ({ origin: from, source, data }) => {
      if (from === origin && source === window.parent && data?.kefu === "open") onOpen();
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
