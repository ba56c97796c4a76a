// The live view's socket, for pages of who may see it: it says that something has changed, and
// nothing of it. The page then asks for what it shows.

const PING = 25_000;
const RETRY = 4_000;

export class Hints {
  // url: of the socket. onHint(): something may have changed, also before the socket was open.
  constructor({ url, onHint, clock = globalThis, WebSocket = globalThis.WebSocket, random = Math.random }) {
    this.url = url;
    this.onHint = onHint;
    this.clock = clock;
    this.WebSocket = WebSocket;
    this.random = random;
    this.listen();
  }

  get open() {
    return this.socket.readyState === 1;
  }

  listen() {
    this.got = 0;
    this.socket = new this.WebSocket(this.url);
    this.socket.onmessage = ({ data }) => {
      this.got += 1;
      if (JSON.parse(data).some(({ type }) => type !== "pong")) this.onHint();
    };
    this.socket.onclose = () => {
      this.clock.clearTimeout(this.timer);
      this.clock.setTimeout(() => this.listen(), RETRY * (1 + this.random()));
    };
    this.later();
  }

  later() {
    this.timer = this.clock.setTimeout(() => {
      if (this.open) this.socket.send(JSON.stringify({ type: "ping", got: this.got }));
      this.later();
    }, PING);
  }
}
