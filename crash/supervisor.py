"""The server processes of one machine, watched and renewed as bin/serve does, on a database that is
ready: `python -m crash.supervisor SERVER PORT WORKERS APPLICATION`.

bin/serve itself would install packages, migrate and collect static files first, and serves no other
application than the product.
"""

import os
import signal
import sys
from pathlib import Path

from bench.servers import serve


def main(server: str, port: str, count: str, application: str) -> None:
    """Serves on every address of the machine until SIGTERM; prints `ready` once it accepts."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(os.environ["DATA_DIR"])
    listeners = serve.open_listeners("0.0.0.0", int(port), int(count))
    workers = serve.Workers(server, listeners, serve.worker_environment, folder, application)
    workers.run(when_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
