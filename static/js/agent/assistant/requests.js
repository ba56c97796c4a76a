// What the assistant was asked for, until its answer comes.

const LONGEST = 40_000;

export class Requests {
  // send(frame): returns false while there is no socket.
  constructor({ send, clock = globalThis }) {
    Object.assign(this, { send, clock, waiting: new Map(), last: Promise.resolve() });
  }

  // A promise of the answer, or of {code} where there is none.
  ask(frame) {
    const key = keyOf(frame.type, frame.group);
    return new Promise((done) => {
      if (!this.send(frame)) return done({ code: "offline" });
      const timer = this.clock.setTimeout(() => this.settle(key, { code: "unavailable" }), LONGEST);
      this.settle(key, { code: "unavailable" });
      this.waiting.set(key, { done, timer });
    });
  }

  // The answer does not say of which text it is, so only one is asked for at a time.
  translate(fields) {
    this.last = this.last.then(() => this.ask({ type: "assistant.translate", ...fields }));
    return this.last;
  }

  // An event may be what is waited for; returns whether it is.
  answered(event) {
    if (event.type === "error") return Boolean(event.frame) && this.settle(keyOf(event.frame, event.group), event);
    const frame = ANSWERS[event.type];
    return Boolean(frame) && this.settle(keyOf(frame, event.group), event);
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
