"""Where the other sides of channels call. What came is stored before they are answered; where the
database does not take it in time, they are to repeat it."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Overdue

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.background import channels as serving
from chat.channels import arrivals, kinds, sealed, words
from chat.channels.contract import Answered, Called, Failed
from chat.database import closing
from chat.limits import limits
from chat.models import Channel

from .refusals import answer_refusals, for_address

CALLS = ThreadPoolExecutor(8, thread_name_prefix="kefu-channel-calls")
WITHIN = 4.0
"""Seconds in which what came is to be stored: 公众号 gives up after five."""
FORGED = 400, 403, 404
"""What calls get that are none of theirs."""
THEIRS: set[tuple[str, str]] = set()
"""The addresses from which other sides have called, each with the key of their channel. Whoever
forges calls may do it from there: all accounts of a platform share these."""


@csrf_exempt
@require_http_methods(["GET", "POST"])
@answer_refusals()
def call(request: HttpRequest, key: str) -> HttpResponse:
    """Takes in one call; its signature protects against forged ones, and a limit against floods of
    these."""
    who = for_address(request)
    place = who.get("address", ""), key
    if place not in THEIRS and not limits.has_tokens("forged_call", who, 1):
        limits.take("forged_call", who)
    until = time.monotonic() + WITHIN
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name: request.GET[name] for name in request.GET}
    called = Called(request.method or "", query, headers, request.body)
    future: Future[Answered] = CALLS.submit(closing, answer, key, called)
    try:
        found = future.result(until - time.monotonic())
    except (Error, Failed, Overdue):
        found = Answered(503)
    if found.status in FORGED:
        limits.try_take("forged_call", who)
    elif found.status == 200:
        THEIRS.add(place)
    return HttpResponse(found.body, status=found.status, content_type="text/plain; charset=utf-8")


def answer(key: str, called: Called) -> Answered:
    channel = Channel.objects.on().filter(key=key).first()
    if channel is None:
        return Answered(404)
    with words.spoken(channel):
        found = kinds.adapter_of(channel).called(channel, called)
    if found.arrived:
        arrivals.keep(channel, found.arrived)
    if found.fetch:
        bell = {"bell": sealed.seal_bell(found.bell)} if found.bell else {}
        rung = found.rung or channel
        Channel.objects.filter(pk=rung.pk).update(heard_at=timezone.now(), **bell)
    if found.arrived or found.fetch:
        serving.soon()
    return found
