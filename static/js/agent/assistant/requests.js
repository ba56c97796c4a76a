// What the assistant was asked for, until its answer comes.

const LONGEST = 40_000;

export class Requests {
  // send(frame): returns false while there is no socket.
  constructor({ send, clock = globalThis }) {
    Object.assign(this, { send, clock, waiting: new Map(), last: Promise.resolve() });
  }

  // A promise of the answer, or of {code} where there is none. What is asked for already is not
  // asked for again.
  ask(frame) {
    const key = keyOf(frame.type, frame.group);
    const waiting = this.waiting.get(key);
    if (waiting) return waiting.promise;
    if (!this.send(frame)) return Promise.resolve({ code: "offline" });
    const asked = { text: frame.text };
    asked.promise = new Promise((done) => (asked.done = done));
    asked.timer = this.clock.setTimeout(() => this.settle(key, { code: "unavailable" }), LONGEST);
    this.waiting.set(key, asked);
    return asked.promise;
  }

  // A refusal does not say of which text it is, so only one is asked for at a time.
  translate(fields) {
    this.last = this.last.then(() => this.ask({ type: "assistant.translate", ...fields }));
    return this.last;
  }

  // An event may be what is waited for; returns whether it is. A new socket is sent nothing that was
  // asked for at the former one. A translation `of` another text comes too late.
  answered(event) {
    if (event.type === "hello") for (const key of [...this.waiting.keys()]) this.settle(key, { code: "offline" });
    if (event.type === "error") return Boolean(event.frame) && this.settle(keyOf(event.frame, event.group), event);
    const frame = ANSWERS[event.type];
    const key = frame && keyOf(frame, event.group);
    return this.waiting.get(key)?.text === event.of && this.settle(key, event);
  }

  settle(key, answer) {
    const asked = this.waiting.get(key);
    this.waiting.delete(key);
    this.clock.clearTimeout(asked?.timer);
    asked?.done(answer);
    return Boolean(asked);
  }
}

const ANSWERS = {
  "assistant.drafted": "assistant.draft",
  "assistant.summarised": "assistant.summary",
  "assistant.translated": "assistant.translate",
};

const keyOf = (type, group) => (type === "assistant.translate" ? type : `${type} ${group}`);
