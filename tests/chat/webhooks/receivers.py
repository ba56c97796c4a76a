"""Receivers of webhooks, good ones and all others, on this machine."""

import json
import socket
import threading
import time
from contextlib import contextmanager

from tests.fakes.server import Fake


class Receiver(Fake):
    """Keeps what it got, as (headers, body), and answers with `status`, `body` and `headers`;
    `status` may be a function of the number of the request."""

    def __init__(self, status=200, body=b"thanks", headers=()):
        self.status, self.body, self.headers = status, body, headers
        self.got: list[tuple[dict, bytes]] = []
        super().__init__()

    def answer(self, method, path, query, headers, body):
        self.got.append((headers, body))
        status = self.status(len(self.got)) if callable(self.status) else self.status
        return status, self.body, dict(self.headers)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.got]


@contextmanager
def bare(answer: bytes | None, pause: float = 0.0):
    """The URL of a server that reads a request and writes these bytes, each `pause` seconds after
    the one before; with None it never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection):
        with connection:
            connection.recv(65536)
            if answer is None:
                over.wait(30)
                return
            try:
                if not pause:
                    connection.sendall(answer)
                for position in range(len(answer) if pause else 0):
                    connection.sendall(answer[position : position + 1])
                    if over.wait(pause):
                        return
                time.sleep(0.01)
            except OSError:
                pass

    def accept():
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        over.set()
        listener.close()


def seqs(receiver, group: str) -> list[int]:
    """The numbers of a conversation's events, as they came."""
    told = [json.loads(body)["data"] for _headers, body in receiver.got]
    return [each["seq"] for each in told if each.get("group") == group]


def refuse(receiver, group: str) -> None:
    """Has the receiver refuse a conversation's events, and take all others."""
    receiver.status = lambda number: 500 if group.encode() in receiver.got[number - 1][1] else 200
