// Tells the agents on which page the visitor is, and where they came from: addresses without what
// follows a "?", and of several pages at once the last one.

const EVERY = 3_000;

export class Whereabouts {
  // send(frame): false while there is no socket. embedded: the page stands within one of a site.
  // Of that a browser tells the beginning of the address at least, and the site's own script the
  // rest, by the message {kefu: "page", url, referrer}.
  constructor({ send, embedded, window = globalThis, clock = globalThis }) {
    Object.assign(this, { send, clock, timer: null, told: -Infinity });
    const from = window.document.referrer;
    this.place = embedded ? placeOf(from, "") : placeOf(window.location.href, from);
    if (!embedded || !this.place.url) return;
    const site = new URL(from).origin;
    window.addEventListener("message", ({ origin, source, data }) => {
      if (origin !== site || source !== window.parent || data?.kefu !== "page") return;
      this.place = placeOf(data.url, data.referrer);
      this.tell();
    });
  }

  // The page as it is now: after it has changed, and after each new connection.
  tell() {
    if (!this.place.url || this.timer) return;
    const wait = this.told + EVERY - this.clock.Date.now();
    if (wait > 0) {
      this.timer = this.clock.setTimeout(() => {
        this.timer = null;
        this.tell();
      }, wait);
    } else if (this.send({ type: "page", ...this.place })) this.told = this.clock.Date.now();
  }
}

const placeOf = (url, referrer) => ({ url: plain(url), referrer: plain(referrer) });

// An address up to its path; "" for what is none of a page.
function plain(address) {
  try {
    const { protocol, origin, pathname } = new URL(address);
    return protocol === "http:" || protocol === "https:" ? origin + pathname : "";
  } catch {
    return "";
  }
}
