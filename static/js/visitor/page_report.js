// Reports to the agents on which page the visitor is, and where they came from: addresses up to the
// "?", and of several pages in quick succession the last one.

const EVERY = 3_000;

export class PageReport {
  // send(frame): returns false while there is no socket. host: the origin of the site around the
  // page. The browser gives at least the beginning of its address, and the site's own script
  // (beside.js) the rest by the message {kefu: "page", url, referrer}.
  constructor({ send, host, window = globalThis, clock = globalThis }) {
    Object.assign(this, { send, clock, timer: null, reported: -Infinity });
    const from = window.document.referrer;
    this.place = host ? placeOf(from || host, "") : placeOf(window.location.href, from);
    if (!host) return;
    window.addEventListener("message", ({ origin, source, data }) => {
      if (origin !== host || source !== window.parent || data?.kefu !== "page") return;
      this.place = placeOf(data.url, data.referrer);
      this.report();
    });
    window.parent.postMessage({ kefu: "where" }, host);
  }

  // Reports the page: after it has changed, and after each new connection.
  report() {
    if (!this.place.url || this.timer) return;
    const wait = this.reported + EVERY - this.clock.Date.now();
    if (wait > 0) {
      this.timer = this.clock.setTimeout(() => {
        this.timer = null;
        this.report();
      }, wait);
    } else if (this.send({ type: "page", ...this.place })) this.reported = this.clock.Date.now();
  }
}

const placeOf = (url, referrer) => ({ url: plain(url), referrer: plain(referrer) });

// An address up to its path; "" for one that is not a page's.
function plain(address) {
  try {
    const { protocol, origin, pathname } = new URL(address);
    return protocol === "http:" || protocol === "https:" ? origin + pathname : "";
  } catch {
    return "";
  }
}
