"""The pages for monitoring: liveness, readiness, and the metrics of chat/metrics.py."""

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
from chat.delivery import bus

from . import __version__

log = logging.getLogger("kefu.monitoring")

TIMEOUT = 2.0
"""Seconds that the database and the channel layer have to answer `ready`. They are asked at the
same time. A database that hangs would block for 20 s, longer than monitors wait."""
FORWARDING = (
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP"),
    *("Forwarded", "Via"),
)
"""Headers that only a proxy adds."""


class CountRequests:
    """Middleware: measures the duration of every request, by the class of its status."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        series = metrics.REQUESTS.labels(f"{response.status_code // 100}xx")
        series.observe(time.perf_counter() - began)
        return response


def count_login(result: str):
    """Returns a signal receiver that counts a sign-in with `result`. Signals hold receivers weakly,
    so RECEIVERS keeps them."""

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
    """200 while the process answers; the version only for addresses in METRICS_ALLOW."""
    if is_allowed(request):
        return JsonResponse({"ok": True, "version": __version__})
    return JsonResponse({"ok": True})


@require_safe
def ready(request):
    """200 if the database and the channel layer, if there is one, answer in time; otherwise 503.
    With `?only=database` the layer does not count: without it everything is served, a little later,
    and a load balancer that takes out whoever lacks it would take out all."""
    deadline = time.monotonic() + TIMEOUT
    asked = database_probe.start()
    failed = []
    if request.GET.get("only") != "database" and not layer_answers():
        failed.append("layer")
    if not database_answers(asked, deadline):
        failed.insert(0, "database")
    return JsonResponse({"ok": not failed, "failed": failed}, status=503 if failed else 200)


class DatabaseProbe:
    """Queries the database in a thread, one query at a time: however often monitors ask, a database
    that hangs blocks one thread and one connection."""

    def __init__(self):
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="kefu-ready")
        self.running: Future | None = None

    def start(self) -> Future:
        """The future of the query that is running, or of a new one."""
        if self.running is None or self.running.done():
            self.running = self.thread.submit(ping)
        return self.running


database_probe = DatabaseProbe()


def ping() -> None:
    """Raises an exception if the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        with suppress(Error):
            connection.close()


def database_answers(asked: Future, deadline: float) -> bool:
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
        await asyncio.wait_for(get_channel_layer().group_send("health", message), TIMEOUT)

    try:
        async_to_sync(send)()
        if bus.state.broken:
            log.warning("not ready, the channel layer brings nothing to this process")
        return not bus.state.broken
    except Exception as error:
        log.warning("not ready, the channel layer: %s", error)
        return False


@csrf_exempt
def metrics_page(request):
    """All metrics in the text format of Prometheus, for addresses in METRICS_ALLOW. Others get 404
    for any request."""
    if not is_allowed(request):
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def is_allowed(request) -> bool:
    """Whether the request comes from an address in METRICS_ALLOW.

    Behind a proxy that is not in TRUSTED_PROXIES every request has the proxy's address, often that
    of loopback. So a request with a proxy's header is only allowed if a trusted proxy has given
    the address (kefu/proxies.py).
    """
    forwarded = any(name in request.headers for name in FORWARDING)
    if forwarded and not getattr(request, "scope", {}).get("address_told"):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in settings.METRICS_ALLOW)
