"""The application as a server runs it: who connects is settled here, before any of our code."""

import gc
import os
import sys

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
http = get_asgi_application()

from channels.auth import AuthMiddleware  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import CookieMiddleware, SessionMiddleware  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from accounts.backends import renew_hash  # noqa: E402
from chat import metrics  # noqa: E402
from chat.background import sampler  # noqa: E402
from chat.database import refuse_on_error  # noqa: E402
from chat.protocol.errors import Refused  # noqa: E402
from chat.sockets.agent import AgentConsumer  # noqa: E402
from chat.sockets.visitor import VisitorConsumer  # noqa: E402

from . import logs  # noqa: E402
from .bodies import SkipLargeBodies  # noqa: E402
from .charsets import Utf8Forms  # noqa: E402
from .origins import CheckOrigin, refuse_like_us  # noqa: E402
from .proxies import TrustProxies  # noqa: E402

if "daphne.ws_protocol" in sys.modules:
    refuse_like_us(sys.modules["daphne.ws_protocol"].WebSocketProtocol)


async def nowhere(scope, receive, send):
    """A socket address that isn't one: refused at the handshake."""
    await receive()
    await send({"type": "websocket.close"})


class FindMember(AuthMiddleware):
    """ASGI middleware: puts the member who is signed in into the scope as `user`, or, when the
    database does not answer, a `refusal` that the consumer closes the socket with.

    A session that was signed with a former SECRET_KEY goes on; the socket stores nothing of it.
    """

    async def resolve_scope(self, scope):
        try:
            with refuse_on_error():
                await database_sync_to_async(renew_hash)(scope["session"])
                await super().resolve_scope(scope)
        except Refused as refusal:
            scope["refusal"] = refusal


agent = CookieMiddleware(SessionMiddleware(FindMember(AgentConsumer.as_asgi())))
sockets = URLRouter(
    [
        path("ws/agent/", agent),
        path("ws/visitor/<str:ent_id>/", CookieMiddleware(VisitorConsumer.as_asgi())),
        re_path(r"", nowhere),
    ]
)

pages = SkipLargeBodies(Utf8Forms(http))
routes = TrustProxies(ProtocolTypeRouter({"http": pages, "websocket": CheckOrigin(sockets)}))
metrics.start_process()
logs.catch_the_rest()


async def application(scope, receive, send):
    """Serves one connection. The first begins the pulse: daphne tells no start."""
    sampler.begin()
    await routes(scope, receive, send)


# What is loaded by now stays, so the collector need not walk through it again and again; and
# a batch makes some 10,000 objects without a cycle, which 700 (Python's default) took for a
# reason to look 15 times. Together that was a tenth of the server's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
