// A page as the server renders it, parsed by the browser; null if there is no answer, with a `timeout` in so
// many milliseconds. `form` is posted, if there is one. An XMLHttpRequest, since no other way to a document
// passes Trusted Types.

import { csrfToken } from "../connection/http.js";

export function fetched(href, form = null, timeout = 0) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", href);
    // Tells the server that nobody opened the page.
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    if (form) request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "document";
    request.timeout = timeout;
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = request.ontimeout = () => done(null);
    request.send(form);
  });
}
