// A page as the server renders it, parsed by the browser; null if there is no answer. An XMLHttpRequest,
// since no other way to a document passes Trusted Types.
export function fetched(href) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", href);
    request.responseType = "document";
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = () => done(null);
    request.send();
  });
}
