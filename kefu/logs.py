"""Formats the log: one line for each event, without anything that people wrote or typed.

A line is JSON, or plain text on a terminal. Of an exception it has the class and the place where it
was raised, innermost frame last. The message of an exception may quote a chat message, a password
or a cookie (`ValueError: …: '…'`). So it is kept only for classes whose messages a program writes,
and without quotations.
"""

import logging
import os
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace, TracebackType

from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.db import Error
from pythonjsonlogger.json import JsonFormatter

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("KEFU_WORKER", "")
"""The number of this process among those of bin/serve, from 1."""
MAX_MESSAGE = 1_000
"""Characters of a message. With everything else a line has less than the 4,096 bytes that a pipe
accepts in one piece, so lines of several processes do not mix."""
MAX_FRAMES = 12
MAX_CAUSES = 3
EXTRAS = ("enterprise", "group")
"""Fields that log calls of this project may add by `extra`."""
KEPT_WITHOUT_QUOTES = (Error, OSError, ImproperlyConfigured, DisallowedHost)
"""Exceptions whose message is kept without quotations."""
KEPT_WHOLE = (AttributeError, NameError, TypeError, ImportError)
"""Exceptions that quote only names in the program, so that their whole message is kept."""


def formatter() -> logging.Formatter:
    """The formatter for standard error: plain lines on a terminal, otherwise JSON."""
    return PlainLine() if sys.stderr.isatty() else JsonLine()


class JsonLine(JsonFormatter):
    """{"time": …, "level": …, "logger": …, "message": …, "pid": …, …}, all of it ASCII."""

    def format(self, record):
        return self.serialize_log_record(line_fields(record))


class PlainLine(logging.Formatter):
    """`03:45:44 WARNING kefu.bus: the channel layer is there again`."""

    def format(self, record):
        fields = line_fields(record)
        parts = [fields["time"][11:19], fields["level"], f"{fields['logger']}:", fields["message"]]
        if "exception" in fields:
            parts += ["|", fields["exception"], "|", " > ".join(fields["where"])]
        parts += [f"{name}={fields[name]}" for name in ("route", *EXTRAS) if name in fields]
        return printable(" ".join(parts))


def printable(text: str) -> str:
    """Escapes control characters, line ends and marks that change the direction of writing."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def line_fields(record: logging.LogRecord) -> dict:
    """The fields of the line for a record, by name (docs/monitoring.md)."""
    message, error = message_and_error(record)
    refused = record.name.startswith("django.security.")
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    fields = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        # A refused request is the sender's fault, not an error of the server.
        "level": "WARNING" if refused else record.levelname,
        "logger": record.name,
        "message": message[:MAX_MESSAGE],
        "pid": record.process,
    }
    if WORKER:
        fields["worker"] = int(WORKER)
    for name in EXTRAS:
        if hasattr(record, name):
            fields[name] = str(getattr(record, name))
    if request := getattr(record, "request", None):
        fields["route"] = route_of(request)
    if hasattr(record, "status_code"):
        fields["status"] = record.status_code
    if error and not refused:
        fields["exception"] = " from ".join([error_text(error), *map(cause_text, causes(error))])
        fields["where"] = frames(error.__traceback__)
    return fields


def message_and_error(record: logging.LogRecord) -> tuple[str, BaseException | None]:
    """The message of a record, and the exception that it reports. Messages of other packages are
    cut after their first line: the rest is a traceback, or the contents of an object."""
    error = record.exc_info[1] if record.exc_info else None
    # daphne logs a twisted Failure as the message, uvicorn an OSError.
    found = getattr(record.msg, "value", record.msg)
    if isinstance(found, BaseException):
        return "an exception", error or found
    message, args = str(record.msg), record.args
    if isinstance(args, tuple):
        route = request_path(record)
        args = tuple(loggable(arg, *route) for arg in args)
    try:
        text = message % args if args else message
    except (TypeError, ValueError):
        text = message
    text = text.strip()
    package = record.name.partition(".")[0]
    if package == "kefu":
        return text, error
    head, more, _ = text.partition("\n")
    if more and error is None and (error := sys.exc_info()[1]):
        # daphne puts traceback.format_exc() into the message.
        head = "an exception"
    if package not in ("django", "axes"):
        # asyncio quotes the arguments of a callback.
        head = without_quotes(head)
    return head, error


def request_path(record: logging.LogRecord) -> tuple[str, str] | tuple[()]:
    """The path of a request as Django logs it, and the text to log instead: a path may contain the
    token of a link to set a password. Empty for a record without a request."""
    request = getattr(record, "request", None)
    if request is None:
        return ()
    return request.path.encode("unicode_escape").decode("ascii"), route_of(request)


def route_of(request) -> str:
    """The URL pattern that matches the request; "" for an unknown address."""
    match = getattr(request, "resolver_match", None)
    return match.route if match else ""


def loggable(arg: object, path: str = "", route: str = "") -> object:
    """An argument of a log call, as it may be logged."""
    if isinstance(arg, BaseException):
        return Unquoted(error_text(arg))
    if path and arg == path:
        return route or "an unknown address"
    return arg


class Unquoted(str):
    """Text that `%r` does not put into quotes."""

    def __repr__(self):
        return str(self)


def error_text(error: BaseException) -> str:
    """`Class: message`, or the class alone if the message may quote what a person wrote."""
    kind = type(error).__name__
    if isinstance(error, KEPT_WHOLE):
        text = str(error)
    elif isinstance(error, Error):
        text = without_quotes(" ".join(map(str, error.args)))
    elif (
        isinstance(error, KEPT_WITHOUT_QUOTES)
        or type(error).__module__.partition(".")[0] == "redis"
    ):
        text = without_quotes(str(error))
    else:
        text = ""
    return f"{kind}: {text[:300]}" if text else kind


def without_quotes(text: str) -> str:
    """Replaces everything from the first opening quote to the last quote by "…", because the quoted
    text may contain quotes itself; without a second quote, everything to the end. The apostrophe
    in "can't" is no opening quote."""
    for position, mark in enumerate(text):
        if mark in "'\"`“" and not text[max(0, position - 1) : position].isalnum():
            last = max(text.rfind(quote) for quote in "'\"`”")
            return f"{text[:position]}…{text[last + 1 :] if last > position else ''}"
    return text


def causes(error: BaseException) -> list[BaseException]:
    """Up to MAX_CAUSES exceptions that led to `error`, latest first."""
    chain = []
    while len(chain) < MAX_CAUSES:
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if error is None:
            break
        chain.append(error)
    return chain


def cause_text(error: BaseException) -> str:
    """`error_text` of a cause, and where it was raised."""
    place = frames(error.__traceback__)
    return f"{error_text(error)} at {place[-1]}" if place else error_text(error)


def frames(traceback: TracebackType | None) -> list[str]:
    """`file:line function` of the MAX_FRAMES innermost frames, outermost first."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{short_path(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return found[-MAX_FRAMES:]


def short_path(file: str) -> str:
    """The path of a file within the project or its package, otherwise its last two parts."""
    if "site-packages/" in file:
        return file.rpartition("site-packages/")[2]
    if file.startswith(f"{ROOT}/"):
        return file.removeprefix(f"{ROOT}/")
    return "/".join(file.split("/")[-2:])


def client_of(username, ip_address, user_agent, path_info, request) -> str:
    """What django-axes logs about a failed sign-in: only the address, because people type passwords
    into the field for the account."""
    return str(ip_address)


def log_uncaught() -> None:
    """Logs what would be printed otherwise: uncaught exceptions, Python's warnings, and messages of
    twisted (under daphne)."""
    log = logging.getLogger("kefu.uncaught")

    def in_thread(args):
        name = args.thread.name if args.thread else "a thread"
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("an exception ended %s", name, exc_info=exc_info)

    def in_main(kind, error, traceback):
        if not issubclass(kind, Exception):
            return sys.__excepthook__(kind, error, traceback)
        log.critical("an exception ended the process", exc_info=(kind, error, traceback))

    def unraisable(args):
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("an exception that nobody could catch", exc_info=exc_info)

    threading.excepthook, sys.excepthook, sys.unraisablehook = in_thread, in_main, unraisable
    if "twisted.internet.reactor" in sys.modules:
        from twisted.logger import STDLibLogObserver, globalLogBeginner

        globalLogBeginner.beginLoggingTo([STDLibLogObserver()], redirectStandardIO=False)
        if "daphne.server" in sys.modules:
            # daphne would begin a second time without observers, and twisted would warn.
            begun = SimpleNamespace(beginLoggingTo=lambda *args, **options: None)
            sys.modules["daphne.server"].globalLogBeginner = begun
    # After twisted, which captures warnings itself.
    logging.captureWarnings(True)
