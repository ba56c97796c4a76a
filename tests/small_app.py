"""An application that tests serve instead of Kefu: it tells who asks, and fails as it is told.

The file that SMALL_APP names holds the faults, in words: `crash` ends it while it is loaded,
`hang` never lets it load, `stay` ignores SIGTERM.
"""

import json
import os
import signal
import time
from pathlib import Path

faults = Path(os.environ["SMALL_APP"]).read_text().split()
if "crash" in faults:
    raise SystemExit(3)
while "hang" in faults:
    time.sleep(1)


async def application(scope, receive, send):
    """Answers with the worker's number, its pid, and what the server says of the connection."""
    if "stay" in faults:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    facts = {name: list(scope[name]) for name in ("client", "server")}
    facts |= {"worker": os.environ.get("KEFU_WORKER"), "pid": os.getpid()}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(facts).encode()})
