// Tells the agents on which page the visitor is, and where they came from: addresses without what
// follows a "?", and of several pages at once the last one.

const EVERY = 3_000;

export class Whereabouts {
  // send(frame): false while there is no socket. host: the origin of the site around the page. Of
  // that a browser tells the beginning of the address at least, and the site's own script
  // (beside.js) the rest, by the message {kefu: "page", url, referrer}.
  constructor({ send, host, window = globalThis, clock = globalThis }) {
    Object.assign(this, { send, clock, timer: null, told: -Infinity });
    const from = window.document.referrer;
    this.place = host ? placeOf(from || host, "") : placeOf(window.location.href, from);
    if (!host) return;
    window.addEventListener("message", ({ origin, source, data }) => {
      if (origin !== host || source !== window.parent || data?.kefu !== "page") return;
      this.place = placeOf(data.url, data.referrer);
      this.tell();
    });
    window.parent.postMessage({ kefu: "where" }, host);
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
