// A page as the server renders it, parsed by the browser; null if there is no answer. `form` is posted, if
// there is one. An XMLHttpRequest, since no other way to a document passes Trusted Types.

import { csrfToken } from "../connection/http.js";

export function fetched(href, form = null) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", href);
    if (form) request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "document";
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = () => done(null);
    request.send(form);
  });
}
