"""One server process on a socket that is open already; it tells when it accepts.

bin/serve starts it in .venv, from the project's folder:
_worker.py daphne|uvicorn SOCKET READY APPLICATION. SOCKET and READY are inherited descriptors;
a line is written to READY, which stays open as long as this process lives.
"""

import asyncio
import logging
import os
import socket
import sys

LAST_REQUESTS = 1.0  # seconds for a request to arrive on a connection that was just taken


def main(server, listener, ready, application):
    """Serve until told to stop by SIGTERM."""
    sys.path[0] = os.getcwd()  # the project's folder in the place of bin/

    def tell():
        os.write(int(ready), b"ready\n")

    {"daphne": run_daphne, "uvicorn": run_uvicorn}[server](int(listener), tell, application)


def run_daphne(listener, tell, application):
    """Daphne with its own defaults; verbosity 0 leaves out its access log."""
    import daphne.server
    from daphne.cli import CommandLineInterface
    from twisted.internet.endpoints import AdoptedStreamServerEndpoint

    from kefu.bodies import daphne_channel
    from kefu.wires import DaphneWire

    with socket.socket(fileno=os.dup(listener)) as copy:
        family = copy.family
    # Daphne takes what --fd names for IPv4: callers by IPv6 got addresses of random bytes.
    daphne.server.serverFromString = lambda reactor, _words: AdoptedStreamServerEndpoint(
        reactor, listener, family
    )

    daphne.server.HTTPFactory.protocol = daphne_channel()

    class Told(daphne.server.Server):
        def create_application(self, protocol, scope):
            if scope["type"] == "websocket":
                scope["wire"] = DaphneWire(protocol)
            return super().create_application(protocol, scope)

        def run(self):
            self.ready_callable = tell
            super().run()

    CommandLineInterface.server_class = Told
    CommandLineInterface().run(["--fd", str(listener), "-v", "0", application])
    # Its loop has stopped, so a thread that answers a page just now waits for it for ever, and
    # Python would wait for the thread. Nothing unfinished has been acknowledged.
    sys.stdout.flush()
    os._exit(0)


def run_uvicorn(listener, tell, application):
    """uvicorn, which must leave proxies' headers to Kefu."""
    from uvicorn import Config, Server

    from kefu.wires import uvicorn_protocol

    class Told(Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            tell()

        async def shutdown(self, sockets=None):
            for server in self.servers:
                server.close()
            # uvicorn resets a connection that it took and has not heard yet; now it will have.
            await asyncio.sleep(LAST_REQUESTS)
            await super().shutdown(sockets)

    config = Config(
        application,
        ws=uvicorn_protocol(),
        ws_max_size=1_048_576,
        # Compressing each small frame cost half of the server's time again.
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
        workers=1,  # else WEB_CONCURRENCY in the environment counts
    )
    logging.getLogger("uvicorn.error").addFilter(is_ours)
    Told(config).run(sockets=[socket.socket(fileno=listener)])


def is_ours(record):
    """Whether a line of uvicorn's log is about us: for a peer's wrong bytes, which it refuses
    rightly, it writes a traceback each time, as fast as the peer likes."""
    peers = ("opening handshake failed", "Invalid UTF-8 sequence received from client.")
    return record.msg not in peers


if __name__ == "__main__":
    main(*sys.argv[1:])
