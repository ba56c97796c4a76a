"""The application, broken so that each part fails with all that it holds in its words. What is
to fail is named in the text that somebody sends: `explode-frame`, `explode-page`, …"""

import asyncio
import threading
import warnings

import kefu.asgi

application = kefu.asgi.application

from chat.posting import batches  # noqa: E402
from chat.posting.messages import Batch  # noqa: E402
from chat.sockets import base  # noqa: E402
from chat.views import common  # noqa: E402

parse, put, posted = base.parse, Batch.put, common.checks.check_send


def explode(*held):
    raise RuntimeError(f"all of {held!r}")


def leaky_parse(text):
    if "explode-frame" in text:
        explode(text)
    if "explode-thread" in text:
        threading.Thread(target=explode, args=(text,)).start()
    if "explode-loop" in text:
        asyncio.get_running_loop().call_soon(explode, text)
    return parse(text)


def leaky_put(batch, draft):
    if "explode-batch" in draft.content:
        explode(draft)
    if "explode-database" in draft.content:
        batches.connection.cursor().execute(f"SELECT '{draft.content}' FROM nowhere")
    return put(batch, draft)


def leaky_send(frame, visitor, *more):
    if "explode-page" in frame["content"]:
        explode(frame)
    if "explode-warning" in frame["content"]:
        warnings.warn(f"all of {frame!r}", RuntimeWarning, stacklevel=1)
    return posted(frame, visitor, *more)


base.parse, Batch.put, common.checks.check_send = leaky_parse, leaky_put, leaky_send
