"""A line to a service that can go dead without a word, as a firewall or a pulled cable makes it."""

import select
import socket
import threading


class Relay:
    """Listens on `port` of this machine, and forwards to the port `target`, on a thread."""

    def __init__(self, target: int):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.dead = False
        """Whether new connections are accepted, but nothing is forwarded."""
        self.pairs: dict[socket.socket, socket.socket | None] = {}
        """The two ends of each connection, in both directions; None for one that is forgotten."""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def forget(self) -> None:
        """Nothing comes through the present connections any more; they stay open."""
        for end in list(self.pairs):
            self.pairs[end] = None

    def die(self) -> None:
        """Nor through new ones, until `revive`."""
        self.dead = True
        self.forget()

    def revive(self) -> None:
        self.dead = False

    def close(self) -> None:
        self.listener.close()

    def run(self) -> None:
        while self.listener.fileno() >= 0:
            try:
                readable, _, _ = select.select([self.listener, *self.pairs], [], [], 0.2)
            except (OSError, ValueError):
                return
            for one in readable:
                if one is self.listener:
                    self.accept()
                else:
                    self.forward(one)

    def accept(self) -> None:
        try:
            near, _ = self.listener.accept()
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", self.target))
        self.pairs |= {near: far, far: near}
        if self.dead:  # It may have died meanwhile.
            self.forget()

    def forward(self, end: socket.socket) -> None:
        other = self.pairs.get(end)
        try:
            if data := end.recv(2**16):
                if other:
                    other.sendall(data)
                return
        except OSError:
            pass
        for one in (end, other):
            if self.pairs.pop(one, one) is not one:
                one.close()
