"""Somebody else's site with the widget on it: pages of its own, an origin of its own, and a policy
as strict as a site can have."""

from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from tests.listening import Listening

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p><a href="/next">Next page</a></p>{body}</main></body></html>"""

LOADED = '<script src="/app.js" defer></script>'
APP = """
// A small single-page application: each view is a new body, and who signs in is told to the chat.
const VIEWS = { "/app": "one", "/app/2": "two" };
let person = sessionStorage.getItem("person");
function add(body, name, textContent, onclick) {
  body.append(Object.assign(document.createElement(name), { textContent, onclick }));
}
function show() {
  const body = document.createElement("body");
  add(body, "h1", VIEWS[location.pathname]);
  add(body, "button", "on", () => {
    history.pushState(null, "", "/app/2");
    show();
  });
  add(body, "button", person ? "Sign out" : "Sign in", async () => {
    person = person ? "" : await fetch("/app/token").then((answer) => answer.text());
    sessionStorage.setItem("person", person);
    await Kefu.identify(person || null);
    show();
  });
  document.body.replaceWith(body);
  document.title = VIEWS[location.pathname];
}
window.onpopstate = show;
show();
"""


class Shop(Listening):
    """Serves on `http://localhost:PORT`: to a browser another site than `http://127.0.0.1:…`.
    `token` is what it gives to who signs in to its application."""

    def __init__(self, product: str):
        self.product = product
        self.token = ""
        self.open_port(self.handler())
        self.url = f"http://localhost:{self.port}"

    def line(self, attributes: str = "") -> str:
        return (
            f'<script src="{self.product}/widget.js" data-ent="demo" {attributes} async></script>'
        )

    def page(self, path: str) -> str | None:
        path, _, attributes = path.partition("?")
        attributes = unquote(attributes)
        pages = {
            "/": ("Shop", self.line(attributes)),
            "/next": ("Next", self.line(attributes)),
            "/bare": ("Bare", ""),
            "/twice": ("Twice", self.line() + self.line('data-side="left"')),
        }
        pages |= dict.fromkeys(("/app", "/app/2"), ("Application", self.line() + LOADED))
        if path not in pages:
            return None
        title, body = pages[path]
        return PAGE.format(title=title, body=body)

    @property
    def policy(self) -> str:
        host = self.product
        return (
            f"default-src 'none'; script-src 'self' {host}; frame-src {host}; "
            f"connect-src 'self' {host}; require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def handler(shop):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                others = {
                    "/app.js": ("text/javascript", APP),
                    "/app/token": ("text/plain", shop.token),
                }
                kind, text = others.get(self.path) or ("text/html", shop.page(self.path))
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", shop.policy)
                self.end_headers()
                self.wfile.write((text or "").encode())

            def log_message(self, *args):
                """Not on the tests' output."""

        return Handler
