// The socket: it reconnects, checks that the line is alive, and asks for what was missed. Its states:
// connecting, open, waiting, stopped.

export const PING = 25_000;
export const BEAT = 30_000;
const ANSWER = 10_000;
const MIB = 1024 * 1024;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
const SLOW_DELAY = 60_000;
// Close codes after which waiting does not help: unreadable frames, not logged in, not allowed, no
// such place.
const NOT_LET_IN = 4403;
const FINAL = new Set([4400, 4401, NOT_LET_IN, 4404]);
// Too many connections: the next try comes late. All other codes are a plain loss.
const TOO_MANY = 4429;

export class Connection {
  /**
   * @param {object} options
   * @param {string} options.url
   * @param {() => Record<string, number>} options.completeSeqs The seq up to which each group is
   *   complete.
   * @param {(() => Record<string, any>) | null} [options.inbox] The fields by which a sync asks for
   *   the inbox.
   * @param {boolean} [options.patient] Tries again now and then although it was not allowed (4403),
   *   since a closed enterprise may open again.
   * @param {(event: any) => void} options.onEvent
   * @param {(state: string, code: number | null) => void} options.onState
   * @param {import("./outbox.js").Clock} [options.clock] This and what follows is for tests.
   * @param {typeof globalThis.WebSocket} [options.WebSocket]
   * @param {() => number} [options.random]
   * @param {(error: unknown) => void} [options.report]
   */
  constructor({ url, completeSeqs, inbox = null, patient = false, onEvent, onState, clock = globalThis, WebSocket = globalThis.WebSocket, random = Math.random, report = rethrow }) {
    this.url = url;
    this.completeSeqs = completeSeqs;
    this.inbox = inbox;
    this.patient = patient;
    this.onEvent = onEvent;
    this.onState = onState;
    this.clock = clock;
    this.WebSocket = WebSocket;
    this.random = random;
    this.report = report;
    this.state = "waiting";
    /** @type {number | null} */
    this.code = null;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempt = 0;
    this.barred = false;
    /** @type {Map<string, number>} */
    this.timers = new Map();
  }

  open() {
    this.cancel("retry");
    this.drop();
    const socket = new this.WebSocket(this.url);
    this.socket = socket;
    this.greeted = false;
    this.frames = 0;
    this.bytes = 0;
    // A retry after a refusal changes nothing yet.
    if (!this.barred) this.change("connecting");
    // A handshake without an answer would otherwise take the system's own minutes.
    this.expectAnswer();
    socket.onmessage = ({ data }) => socket === this.socket && this.receive(data);
    socket.onclose = ({ code }) => socket === this.socket && this.lost(code);
  }

  receive(data) {
    this.cancel("silence");
    // Before the hello, a frame without events tells that the page has to wait for its turn.
    if (!this.greeted) this.expectAnswer();
    this.frames += 1;
    // At most 3 bytes of UTF-8 for a UTF-16 unit: never fewer pings than the server expects.
    this.bytes += data.length * 3;
    if (this.bytes >= MIB) this.ping();
    let events;
    try {
      events = JSON.parse(data);
    } catch {
      return;
    }
    const { socket } = this;
    for (const event of Array.isArray(events) ? events : []) {
      // A handler closed the socket: the other events are not handled.
      if (socket !== this.socket) break;
      // An event that fails must not cost the others.
      try {
        this.handle(event);
      } catch (error) {
        this.report(error);
      }
    }
  }

  handle(event) {
    const hello = event.type === "hello";
    if (hello) {
      this.greeted = true;
      this.cancel("silence");
      this.attempt = 0;
      this.barred = false;
      this.change("open");
      this.after("ping", PING, () => this.ping());
    }
    try {
      this.onEvent(event);
    } finally {
      if (this.state === "open" && (hello || (event.type === "synced" && event.more?.length))) this.sync(!hello);
    }
  }

  ping() {
    this.bytes = 0;
    this.send({ type: "ping", got: this.frames });
    this.after("ping", PING, () => this.ping());
    this.expectAnswer();
  }

  // Without any answer the line is dead, whatever the browser believes.
  expectAnswer() {
    if (!this.timers.has("silence")) this.after("silence", ANSWER, () => this.lost(1006));
  }

  // Also for a visitor without a conversation, since another window may have begun one; but not
  // just after a hello, which has told.
  sync(always = true) {
    const groups = this.completeSeqs();
    if (always || this.inbox || Object.keys(groups).length) {
      this.send({ type: "sync", groups, ...(this.inbox && { inbox: true, ...this.inbox() }) });
    }
    this.after("beat", BEAT, () => this.sync());
  }

  /**
   * @param {object} frame
   * @returns {boolean} Whether it was given to a socket that said hello. Only an answer proves that
   *   it arrived.
   */
  send(frame) {
    if (this.state !== "open" || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  lost(code) {
    this.drop();
    this.barred = this.patient && code === NOT_LET_IN;
    const final = FINAL.has(code);
    if (!final || this.barred) {
      const slow = code === TOO_MANY || this.barred;
      const ceiling = slow ? SLOW_DELAY : Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.attempt);
      this.attempt += 1;
      // Half fixed, half random: after a restart of the server the pages come back spread out.
      this.after("retry", ceiling / 2 + (ceiling / 2) * this.random(), () => this.open());
    }
    this.change(final ? "stopped" : "waiting", code);
  }

  // The device woke up, came online or is looked at again.
  wake() {
    if (this.barred || (this.state === "waiting" && this.code !== TOO_MANY)) this.open();
    if (this.state === "open") this.ping();
  }

  // The device has no network: the socket may not notice for a long time.
  offline() {
    if (this.state === "open" || this.state === "connecting") this.lost(1006);
  }

  // Closes the connection for good.
  stop() {
    this.drop();
    this.change("stopped");
  }

  drop() {
    for (const name of [...this.timers.keys()]) this.cancel(name);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  change(state, code = null) {
    this.state = state;
    this.code = code;
    this.onState(state, code);
  }

  after(name, delay, step) {
    this.cancel(name);
    this.timers.set(
      name,
      this.clock.setTimeout(() => {
        this.timers.delete(name);
        step();
      }, delay),
    );
  }

  cancel(name) {
    if (this.timers.has(name)) this.clock.clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

// Reports the error to the console and to error listeners, as if it had not been caught.
function rethrow(error) {
  queueMicrotask(() => {
    throw error;
  });
}

// Another person has signed in in this browser, and whatever this page sent now would be theirs.
// The page begins anew as theirs; unsent texts stay under the former name. address: of the page, if
// it is not that of the window.
export function startOver(connection, address = null) {
  connection.stop();
  if (address) location.replace(address);
  else location.reload();
}

// The WebSocket address of a path of this site.
export function socketUrl(path, location = globalThis.location) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}

// Wakes the connection when a try is likely to succeed.
export function wakeWith(connection, { window = globalThis, document = globalThis.document } = {}) {
  window.addEventListener("online", () => connection.wake());
  window.addEventListener("offline", () => connection.offline());
  window.addEventListener("pageshow", () => connection.wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && connection.wake());
}
