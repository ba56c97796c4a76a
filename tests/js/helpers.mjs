// What stands in for the browser in these tests: a clock that is moved by hand, a storage, a socket.

export class Clock {
  constructor(now = 1_000_000) {
    this.now = now;
    this.timers = new Map();
    this.next = 1;
    this.Date = { now: () => this.now };
  }

  setTimeout(step, delay) {
    this.timers.set(this.next, { at: this.now + delay, step });
    return this.next++;
  }

  clearTimeout(id) {
    this.timers.delete(id);
  }

  // Lets `milliseconds` pass; every timer that falls due runs, in order.
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].step();
      await settled();
    }
    this.now = end;
    await settled();
  }
}

// Until every promise that is ready has run.
export const settled = () => new Promise((done) => setImmediate(done));

export class Storage {
  constructor() {
    this.data = new Map();
  }
  get length() {
    return this.data.size;
  }
  key(at) {
    return [...this.data.keys()][at] ?? null;
  }
  getItem(key) {
    return this.data.get(key) ?? null;
  }
  setItem(key, value) {
    this.data.set(key, String(value));
  }
  removeItem(key) {
    this.data.delete(key);
  }
}

// A class of sockets that remember what was sent; `made` holds them in order.
export function fakeSockets() {
  const made = [];
  class FakeSocket {
    constructor(url) {
      this.url = url;
      this.readyState = 0;
      this.sent = [];
      made.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.readyState = 3;
    }
    // What the server does:
    say(...events) {
      this.readyState = 1;
      this.onmessage?.({ data: JSON.stringify(events) });
    }
    end(code) {
      this.readyState = 3;
      this.onclose?.({ code });
    }
    of(type) {
      return this.sent.filter((frame) => frame.type === type);
    }
  }
  return { FakeSocket, made };
}
