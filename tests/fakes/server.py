"""A small HTTP server on this machine that plays the other side of a channel."""

import json
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.listening import Listening


class Fake(Listening):
    """`answer(method, path, query, headers, body)` returns the status and the answer, a dict or
    bytes, and a dict of headers if there are more. `fails` (a status) answers everything so while
    it is set; `delay` (seconds) waits before each answer; `port` 0 takes a free one."""

    def __init__(self, port: int = 0):
        self.fails: int | None = None
        self.delay = 0.0
        self.over = threading.Event()
        self.lock = threading.RLock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.serve()

            def do_POST(self):
                self.serve()

            def serve(self):
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                fake.over.wait(fake.delay)
                more = []
                if fake.fails:
                    status, found = fake.fails, {}
                else:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    status, found, *more = fake.answer(
                        self.command, parts.path, query, headers, body
                    )
                data = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Connection", "close")
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.open_port(Handler, port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method, path, query, headers, body):
        raise NotImplementedError

    def close(self) -> None:
        self.over.set()
        super().close()
