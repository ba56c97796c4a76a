"""What listens on this machine, and plays another side."""

import socketserver
import threading
from http.server import ThreadingHTTPServer


class Lines(socketserver.ThreadingTCPServer):
    """For other protocols than HTTP."""

    allow_reuse_address = True


class Listening:
    """Listens on `port` (0: a free one) until it is left, or closed."""

    def open_port(self, handler: type, port: int = 0, kind: type = ThreadingHTTPServer) -> None:
        self.server = kind(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.close()
