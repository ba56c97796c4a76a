"""Requests to the other sides, through the guarded sender of webhooks."""

import re
import ssl
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from django.conf import settings

from chat.models import Channel
from chat.webhooks import sender
from chat.webhooks.addresses import Forbidden, Unknown

from .contract import CERTIFICATE, FORBIDDEN, LATE, NONSENSE, UNREACHABLE, Failed

TIMEOUT = 15.0
"""Seconds for one request, unless it waits on purpose."""
MOST = 4 * 1024 * 1024
"""Bytes of an answer that is no file."""


def base_of(channel: Channel, usual: str) -> str:
    """Scheme, host and port of the other side: `usual`, or what the channel's `api` says."""
    return (channel.settings.get("api") or usual).rstrip("/")


def json_of(
    url: str,
    fields: dict[str, Any] | None = None,
    *,
    timeout: float = TIMEOUT,
    secret: str = "",
    as_form: bool = False,
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object that the other side answers to a POST of these fields (as
    JSON, or coded as forms are), or to a GET where there are none. What is in `secret` stands in no
    words of a Failed, which it raises where no such answer comes."""
    headers, body = {"Accept": "application/json"}, b""
    if fields is not None and as_form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(fields).encode()
    elif fields is not None:
        headers["Content-Type"], body = "application/json", orjson.dumps(fields)
    method = "GET" if fields is None else "POST"
    answer = received(url, method=method, headers=headers, body=body, timeout=timeout)
    return answer.status, object_in(answer.status, answer.body, secret)


def object_in(status: int, body: bytes, secret: str) -> dict[str, Any]:
    """The JSON object that an answer is. Raises Failed, without the secret, where it is none."""
    found = object_or_none(body)
    if found is None:
        raise Failed(NONSENSE, words_of(status, body, secret))
    return found


def object_or_none(body: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


class Received(NamedTuple):
    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; "" where there is none."""
        found = re.search(rb"\n%s:([^\r\n]*)" % name.encode(), self.head, re.IGNORECASE)
        return found[1].strip().decode("utf-8", "replace") if found else ""


def received(
    url: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    timeout: float = TIMEOUT,
    most: int = MOST,
) -> Received:
    """An answer. Raises Failed where none comes, or one of more than `most` bytes."""
    try:
        until = time.monotonic() + timeout
        sent = sender.sent(url, headers or {}, body, until, settings.CHANNEL_ALLOW, method)
        with sent as answer:
            found = bytearray()
            for piece in answer.pieces():
                found += piece
                if len(found) > most:
                    raise Failed("too_large", "the answer is too large", final=True)
            return Received(answer.status, answer.head, bytes(found))
    except Unknown as error:
        raise Failed(UNREACHABLE, str(error)) from error
    except Forbidden as error:
        raise Failed(FORBIDDEN, f"{error}; CHANNEL_ALLOW names networks that may be") from error
    except (sender.Late, TimeoutError) as error:
        raise Failed(LATE, f"no answer within {timeout:g} seconds") from error
    except ssl.SSLCertVerificationError as error:
        raise Failed(CERTIFICATE, error.verify_message) from error
    except ValueError as error:
        raise Failed(NONSENSE, str(error)) from error
    except OSError as error:
        raise Failed(UNREACHABLE, error.strerror or "no connection") from error


def form(fields: dict[str, str], name: str, file: tuple[str, str, bytes]) -> tuple[str, bytes]:
    """A multipart body of these fields and one file (name, MIME type, content) under `name`, and
    its Content-Type."""
    mark = f"kefu-{time.monotonic_ns():x}"
    while mark.encode() in file[2]:
        mark += "x"
    head = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    called = re.sub(r'[\r\n"\\]', "_", file[0])
    head += (
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n'
        f"Content-Type: {file[1]}\r\n\r\n"
    )
    body = head.encode() + file[2] + f"\r\n--{mark}--\r\n".encode()
    return f"multipart/form-data; boundary={mark}", body


def words_of(status: int, body: bytes, secret: str = "") -> str:
    """An answer in a line, without the secret."""
    text = " ".join(body[:300].decode("utf-8", "replace").split())
    if secret:
        text = text.replace(secret, "…")
    return f"HTTP {status}: {text}"[:300]
