// One connection that stays: it reconnects, proves that it lives, and asks for what was missed.
// The page hears of events, and of the state: connecting, open, waiting, stopped.

export const PING = 25_000;
export const BEAT = 30_000;
const ANSWER = 10_000;
const MIB = 1024 * 1024;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
const SLOW_DELAY = 60_000;
// Nothing that waiting would mend: unreadable frames, not logged in, not allowed, no such place.
const NOT_LET_IN = 4403;
const FINAL = new Set([4400, 4401, NOT_LET_IN, 4404]);
// What each close code means for the next try; every other one (1006, 1012, 4408 …) is a plain loss.
const TOO_MANY = 4429;

export class Connection {
  // held() → {group: last seq held}; inbox() → which part of the inbox a sync
  // also asks for, as its fields; without it none. patient: asks again now and then although it was
  // not let in (4403), as an enterprise that is closed may open again.
  // onEvent(event), onState(state, code). The rest is the browser's or a test's.
  constructor({ url, held, inbox = null, patient = false, onEvent, onState, clock = globalThis, WebSocket = globalThis.WebSocket, random = Math.random, report = rethrow }) {
    Object.assign(this, { url, held, inbox, patient, onEvent, onState, clock, WebSocket, random, report });
    this.state = "waiting";
    this.attempt = 0;
    this.barred = false;
    this.timers = new Map();
  }

  open() {
    this.cancel("retry");
    this.drop();
    const socket = new this.WebSocket(this.url);
    this.socket = socket;
    this.frames = 0;
    this.bytes = 0;
    // To ask changes nothing yet for who was not let in.
    if (!this.barred) this.change("connecting");
    // A handshake that is never answered would otherwise wait for the system's own minutes.
    this.after("silence", ANSWER, () => this.lost(1006));
    socket.onmessage = ({ data }) => socket === this.socket && this.receive(data);
    socket.onclose = ({ code }) => socket === this.socket && this.lost(code);
  }

  receive(data) {
    this.cancel("silence");
    this.frames += 1;
    // At most 3 bytes of UTF-8 for a UTF-16 unit: never fewer pings than the server counts on.
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
      // Given up by a handler: the rest is for nobody.
      if (socket !== this.socket) break;
      // One event that cannot be taken must not cost the others.
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

  // The answer to anything proves the line; without one it is dead, whatever the browser believes.
  expectAnswer() {
    if (!this.timers.has("silence")) this.after("silence", ANSWER, () => this.lost(1006));
  }

  // A visitor's page that holds nothing asks, too: another window may have written meanwhile. Not
  // just after a hello, which has told.
  sync(always = true) {
    const groups = this.held();
    if (always || this.inbox || Object.keys(groups).length) {
      this.send({ type: "sync", groups, ...(this.inbox && { inbox: true, ...this.inbox() }) });
    }
    this.after("beat", BEAT, () => this.sync());
  }

  // True when the frame was handed to a socket that said hello. That is no promise: the answer is.
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
      // Half fixed, half by chance: after a restart the pages come back spread, and none at once.
      this.after("retry", ceiling / 2 + (ceiling / 2) * this.random(), () => this.open());
    }
    this.change(final ? "stopped" : "waiting", code);
  }

  // The device woke up, came online or is looked at again.
  wake() {
    if (this.barred || (this.state === "waiting" && this.code !== TOO_MANY)) this.open();
    if (this.state === "open") this.ping();
  }

  // The device says it has no network: the socket may not notice for a long time.
  offline() {
    if (this.state === "open" || this.state === "connecting") this.lost(1006);
  }

  // For good, from this side.
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

// To the console and to whoever listens for errors, as if nothing had caught it.
function rethrow(error) {
  queueMicrotask(() => {
    throw error;
  });
}

// Another person has signed in in this browser: whatever went out from this page now would be
// theirs. The page begins anew as that person's; what was not sent stays under its own name.
// address: of the page, where it is not that of the window.
export function startOver(connection, address = null) {
  connection.stop();
  if (address) location.replace(address);
  else location.reload();
}

// The address of a path of this site for WebSocket.
export function socketUrl(path, location = globalThis.location) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`;
}

// Wakes the connection at the moments when trying is likely to help.
export function wakeWith(connection, { window = globalThis, document = globalThis.document } = {}) {
  window.addEventListener("online", () => connection.wake());
  window.addEventListener("offline", () => connection.offline());
  window.addEventListener("pageshow", () => connection.wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && connection.wake());
}
