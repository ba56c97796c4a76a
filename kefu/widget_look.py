"""Answers what every page view of a customer's site asks for, the look of the widget's button,
without Django where it was answered just before.

The look is the same for everybody who asks for it from the same site in the same language, so it
is kept for KEPT seconds. Only requests without cookies are answered so, as those of other sites
are: scripts there ask without any. The view and all middleware of Django run for each other one.
"""

import re
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import Enterprise, GreetingRule, Team
from chat import metrics
from chat.visitors import cookies

KEPT = 1.0
"""Seconds. What is saved in this process counts at once; what is saved in another one, who is
online, and working hours count so much later."""
MOST = 1_000
"""Answers that are kept. Whoever varies the address displaces others' answers, and no more."""
PATH = re.compile(r"/chat/[-\w]+/widget/", re.ASCII)
LONGEST = 500
"""Bytes of a query; the widget's are shorter. Others are not kept."""
WHOLE = {b"host", b"origin"}
READ = {b"accept-encoding", b"accept-language", b"if-none-match"}
OTHERS = {b"cookie", b"cache-control", b"content-length", b"transfer-encoding", b"if-match"}
"""A request with one of these headers is none of a site's page, or wants no kept answer:
static/js/widget/inviting.js asks so whether somebody is there."""
NOT_IN_304 = {b"content-length", b"content-type", b"content-encoding"}


@dataclass(frozen=True)
class Answer:
    until: float
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def tag(self) -> bytes:
        return dict(self.headers).get(b"etag", b"")


class KeepLook:
    """ASGI middleware, see above."""

    def __init__(self, inner):
        self.inner = inner
        self.kept: dict[tuple, Answer] = {}
        for model in (Enterprise, Team, GreetingRule):
            for signal in (post_save, post_delete):
                signal.connect(self.forget, sender=model)

    def forget(self, **_facts) -> None:
        transaction.on_commit(self.begin_anew)

    def begin_anew(self) -> None:
        """Called on the thread of whoever saved something; what is being made now is not kept."""
        self.kept = {}

    async def __call__(self, scope, receive, send):
        headers = headers_of(scope)
        if headers is None:
            return await self.inner(scope, receive, send)
        began, key = time.monotonic(), key_of(scope, headers)
        known = headers.get(b"if-none-match", b"")
        answer = self.kept.get(key)
        if answer is None or answer.until < began:
            # Django would say of what is known only that it is the same, and nothing to keep.
            asked = [pair for pair in scope["headers"] if pair[0].lower() != b"if-none-match"]
            scope = {**scope, "headers": asked}
            keep = self.keeping(self.kept, key, known, send)
            return await self.inner(scope, receive, keep)
        same = await send_answer(send, answer, known)
        metrics.REQUESTS.labels("3xx" if same else "2xx").observe(time.monotonic() - began)

    def keeping(self, kept: dict, key: tuple, known: bytes, send):
        """A `send` that puts a whole answer into `kept` that is no refusal and sets no cookie."""
        start: dict = {}

        async def keep(message):
            if message["type"] == "http.response.start":
                start.update(message)
                return
            headers = [(name.lower(), value) for name, value in start.get("headers", ())]
            sets_cookie = any(name == b"set-cookie" for name, _value in headers)
            if start.get("status") == 200 and not message.get("more_body") and not sets_cookie:
                answer = Answer(time.monotonic() + KEPT, headers, message.get("body", b""))
                store(kept, key, answer)
                await send_answer(send, answer, known)
                return
            if start:
                await send(dict(start))
                start.clear()
            await send(message)

        return keep


def store(kept: dict[tuple, Answer], key: tuple, answer: Answer) -> None:
    kept.pop(key, None)
    while len(kept) >= MOST:
        kept.pop(next(iter(kept)))
    kept[key] = answer


def headers_of(scope) -> dict[bytes, bytes] | None:
    """The headers on which the answer depends; None for another request than that of a site."""
    if scope["method"] != "GET" or not PATH.fullmatch(scope["path"]):
        return None
    if len(scope["query_string"]) > LONGEST:
        return None
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        name = name.lower()
        if name in OTHERS or name in found:
            return None
        if name in WHOLE or name in READ:
            found[name] = value
    return found


def key_of(scope, headers: dict[bytes, bytes]) -> tuple:
    """What answers are told apart by."""
    language = cookies.wished_language({}, headers.get(b"accept-language", b"").decode("latin-1"))
    packed = b"gzip" in headers.get(b"accept-encoding", b"")
    whole = (headers.get(name) for name in sorted(WHOLE))
    return scope["scheme"], scope["path"], scope["query_string"], language, packed, *whole


async def send_answer(send, answer: Answer, known: bytes) -> bool:
    """Sends a kept answer, or if the browser has it already, that it is the same. `known` is the
    request's If-None-Match. Returns whether it was the same."""
    same = bool(answer.tag) and answer.tag in known
    headers, body = answer.headers, answer.body
    if same:
        headers, body = [pair for pair in headers if pair[0] not in NOT_IN_304], b""
    status = 304 if same else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return same
