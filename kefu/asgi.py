"""The ASGI application. It identifies the peer and the member before any view or consumer runs."""

import gc
import os
import sys

from .handler import get_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
http = get_application()

from channels.auth import AuthMiddleware, get_user  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import CookieMiddleware, SessionMiddleware  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from accounts import tokens  # noqa: E402
from accounts.backends import renew_hash  # noqa: E402
from chat import metrics  # noqa: E402
from chat.api.waiting import WaitForEvents  # noqa: E402
from chat.background import sampler, upkeep  # noqa: E402
from chat.protocol.errors import Refused  # noqa: E402
from chat.sockets.agent import AgentConsumer  # noqa: E402
from chat.sockets.bot import BotConsumer  # noqa: E402
from chat.sockets.live import LiveConsumer  # noqa: E402
from chat.sockets.together import Together  # noqa: E402
from chat.sockets.visitor import VisitorConsumer  # noqa: E402

from . import logs  # noqa: E402
from .bodies import SkipLargeBodies  # noqa: E402
from .charsets import Utf8Forms  # noqa: E402
from .origins import CheckOrigin, align_refusals  # noqa: E402
from .proxies import TrustProxies  # noqa: E402
from .threads import KeepThreads  # noqa: E402
from .widget_look import KeepLook  # noqa: E402
from .wires import limit_pongs  # noqa: E402

if "daphne.ws_protocol" in sys.modules:
    align_refusals(sys.modules["daphne.ws_protocol"].WebSocketProtocol)
    limit_pongs(sys.modules["daphne.ws_protocol"].WebSocketProtocol)


async def reject_unknown_path(scope, receive, send):
    """Refuses the handshake of a WebSocket at an unknown path."""
    await receive()
    await send({"type": "websocket.close"})


class FindMember(AuthMiddleware):
    """ASGI middleware: sets `user` in the scope to the signed-in member, or to the bot whose access
    token the handshake carries, and then `token`. If the database does not answer, it sets
    `refusal`, with which the consumer closes the socket.

    A session that was signed with a former SECRET_KEY stays valid (accounts/backends.py).
    """

    async def resolve_scope(self, scope):
        try:
            upkeep.refuse_if_alone()
            await find_together(scope)
        except Refused as refusal:
            scope["refusal"] = refusal


def find_members(scopes: list[dict]) -> list[None]:
    """Whoever asks for sockets by the thousand with sessions that are none keeps one reader busy,
    and not all. May be called once more, as what it writes can be written twice."""
    return [find_member(scope) for scope in scopes]


def find_member(scope: dict) -> None:
    if bearer := scope.get("bearer"):
        scope["token"] = token = tokens.read(bearer)
        scope["user"]._wrapped = token.member if token else AnonymousUser()
    else:
        renew_hash(scope["session"])
        scope["user"]._wrapped = get_user.func(scope)


find_together = Together(find_members)
people, bots = AgentConsumer.as_asgi(), BotConsumer.as_asgi()


async def serve_member(scope, receive, send):
    """Serves a member's socket, or that of a bot."""
    await (bots if "bearer" in scope else people)(scope, receive, send)


def for_members(application):
    return CookieMiddleware(SessionMiddleware(FindMember(application)))


sockets = URLRouter(
    [
        path("ws/agent/", for_members(serve_member)),
        path("ws/live/", for_members(LiveConsumer.as_asgi())),
        path("ws/visitor/<str:ent_id>/", CookieMiddleware(VisitorConsumer.as_asgi())),
        re_path(r"", reject_unknown_path),
    ]
)

pages = KeepLook(SkipLargeBodies(Utf8Forms(WaitForEvents(KeepThreads(http)))))
routes = TrustProxies(ProtocolTypeRouter({"http": pages, "websocket": CheckOrigin(sockets)}))
metrics.start_process()
logs.log_uncaught()


async def application(scope, receive, send):
    """Serves one connection. The first one starts the sampler: daphne has no event for its
    start."""
    sampler.begin()
    await routes(scope, receive, send)


# Loaded modules stay for good, so the garbage collector need not visit them again. A batch creates
# about 10,000 objects without a cycle, for which Python's default threshold of 700 would start it
# 15 times. Together that took a tenth of the server's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)

# Whoever comes back from the database waits until another thread gives up the interpreter, by
# default for 5 ms, and a first message has some thirty statements. With 0.5 ms pages took a second.
sys.setswitchinterval(0.002)
