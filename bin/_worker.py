"""One server process, on a listening socket that it inherits.

bin/serve starts it in .venv, from the project's folder:
_worker.py daphne|uvicorn SOCKET READY APPLICATION. SOCKET and READY are inherited file descriptors.
The process writes a line to READY when it accepts connections, and keeps READY open until it ends.
"""

import asyncio
import logging
import os
import socket
import sys

LAST_REQUESTS = 1.0  # seconds for a request to arrive on a new connection before shutdown


def main(server, listener, ready, application):
    """Serve until SIGTERM."""
    sys.path[0] = os.getcwd()  # the project's folder instead of bin/

    def report_ready():
        os.write(int(ready), b"ready\n")

    {"daphne": run_daphne, "uvicorn": run_uvicorn}[server](int(listener), report_ready, application)


def run_daphne(listener, report_ready, application):
    """Run daphne with its defaults. Verbosity 0 switches its access log off. Its name in each
    response would be half a KB of a first visit."""
    import daphne.server
    from daphne.cli import CommandLineInterface
    from twisted.internet.endpoints import AdoptedStreamServerEndpoint

    from kefu.bodies import daphne_channel
    from kefu.wires import DaphneWire

    with socket.socket(fileno=os.dup(listener)) as copy:
        family = copy.family
    # Daphne assumes IPv4 for --fd: IPv6 clients would get random addresses.
    daphne.server.serverFromString = lambda reactor, _words: AdoptedStreamServerEndpoint(
        reactor, listener, family
    )

    daphne.server.HTTPFactory.protocol = daphne_channel()

    class ReportingServer(daphne.server.Server):
        def create_application(self, protocol, scope):
            if scope["type"] == "websocket":
                scope["wire"] = DaphneWire(protocol)
            return super().create_application(protocol, scope)

        def run(self):
            self.ready_callable = report_ready
            super().run()

    CommandLineInterface.server_class = ReportingServer
    CommandLineInterface().run(["--fd", str(listener), "-v", "0", "--no-server-name", application])
    # The loop has stopped: a thread that still answers a request would wait for it for ever, and
    # Python for the thread. Nothing that is unfinished has been acknowledged.
    sys.stdout.flush()
    os._exit(0)


def run_uvicorn(listener, report_ready, application):
    """Run uvicorn. It must not use proxies' headers, which kefu/proxies.py does."""
    from uvicorn import Config, Server

    from kefu.bodies import uvicorn_http
    from kefu.wires import uvicorn_protocol

    class ReportingServer(Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            report_ready()

        async def shutdown(self, sockets=None):
            from chat.stream import waits

            waits.end_all()
            for server in self.servers:
                server.close()
            # uvicorn resets accepted connections without a request; wait for their requests.
            await asyncio.sleep(LAST_REQUESTS)
            await super().shutdown(sockets)

    config = Config(
        application,
        http=uvicorn_http(),
        ws=uvicorn_protocol(),
        ws_max_size=1_048_576,
        # Compressing each small frame would take half as much time again.
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
        workers=1,  # otherwise WEB_CONCURRENCY in the environment is used
    )
    logging.getLogger("uvicorn.error").addFilter(is_about_server)
    ReportingServer(config).run(sockets=[socket.socket(fileno=listener)])


def is_about_server(record):
    """Return whether to keep a line of uvicorn's log. For invalid bytes of a client it logs a
    traceback each time, and clients could fill the log."""
    peers = ("opening handshake failed", "Invalid UTF-8 sequence received from client.")
    return record.msg not in peers


if __name__ == "__main__":
    main(*sys.argv[1:])
