"""For monitors: does it live, is it ready, and the figures (chat/metrics.py)."""

import asyncio
import ipaddress
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from asgiref.sync import async_to_sync
from axes.signals import user_locked_out
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import Error, connection
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from chat import metrics

log = logging.getLogger("kefu.monitoring")

PATIENCE = 2.0
"""Seconds that database and layer, asked side by side, may take to answer `ready`. A database
that hangs would hold the question for 20 s, longer than any monitor waits."""
FORWARDING = (
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP"),
    *("Forwarded", "Via"),
)
"""Headers that only a proxy adds."""


class CountRequests:
    """Middleware: times every request, by class of its status."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        series = metrics.REQUESTS.labels(f"{response.status_code // 100}xx")
        series.observe(time.perf_counter() - began)
        return response


def count_login(result: str):
    """A receiver of a signal that means `result`. Weakly held receivers vanish, so each is kept
    in RECEIVERS."""

    def count(sender, **facts):
        metrics.LOGINS.labels(result).inc()

    return count


RECEIVERS = [
    (user_logged_in, count_login("ok")),
    (user_login_failed, count_login("failed")),
    (user_locked_out, count_login("locked")),
]
for signal, count in RECEIVERS:
    signal.connect(count)


@require_safe
def live(request):
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request):
    """200 when the database and, where there is one, the channel layer answer; else 503."""
    deadline = time.monotonic() + PATIENCE
    asked = database.ask()
    failed = [] if layer_answers() else ["layer"]
    if not answers(asked, deadline):
        failed.insert(0, "database")
    return JsonResponse({"ok": not failed, "failed": failed}, status=503 if failed else 200)


class Database:
    """Asks the database on a thread of its own, one question at a time: however often a monitor
    comes, a database that hangs holds one thread and one connection."""

    def __init__(self):
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="kefu-ready")
        self.asked: Future | None = None

    def ask(self) -> Future:
        """The answer to come, of the question under way or of a new one."""
        if self.asked is None or self.asked.done():
            self.asked = self.thread.submit(query)
        return self.asked


database = Database()


def query() -> None:
    """Raises where the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        with suppress(Error):
            connection.close()


def answers(asked: Future, deadline: float) -> bool:
    try:
        asked.result(max(0.0, deadline - time.monotonic()))
        return True
    except Exception as error:
        log.warning("not ready, the database: %s", error)
        return False


def layer_answers() -> bool:
    if not settings.REDIS_URL:
        return True

    async def send():
        message = {"type": "health"}
        await asyncio.wait_for(get_channel_layer().group_send("health", message), PATIENCE)

    try:
        async_to_sync(send)()
        return True
    except Exception as error:
        log.warning("not ready, the channel layer: %s", error)
        return False


@csrf_exempt
def figures(request):
    """All figures in Prometheus' text format, for addresses in METRICS_ALLOW; there is nothing
    here for others, whatever they ask."""
    if not may_see(request):
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def may_see(request) -> bool:
    """True for a caller whose own address is known and listed.

    Behind a proxy that is not in TRUSTED_PROXIES every caller has the proxy's address, which
    is the loopback's where both are on one machine: what a proxy has touched counts only if a
    trusted one told the address (kefu/proxies.py).
    """
    touched = any(name in request.headers for name in FORWARDING)
    if touched and not getattr(request, "scope", {}).get("address_told"):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in settings.METRICS_ALLOW)
