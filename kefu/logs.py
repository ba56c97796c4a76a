"""How the log is written: one line for each event, with nothing in it that people said or typed.

JSON, or on a terminal a plain line. An exception is its kind and where it happened, innermost
last. Its words are kept only for kinds whose words are a program's, and without what they quote:
others may hold a message's text (`ValueError: …: '…'`), a password, a cookie.
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
"""Which of bin/serve's processes this is, counted from 1."""
LONGEST = 1_000
"""Characters of a message: with all else a line stays within the 4,096 bytes that a pipe takes
in one piece, so lines of several processes do not run into each other."""
MOST_FRAMES = 12
MOST_CAUSES = 3
EXTRAS = ("enterprise", "group")
"""What our own log calls may add by `extra`."""
SPEAKING = (Error, OSError, ImproperlyConfigured, DisallowedHost)
"""Exceptions whose words are kept, without what they quote."""
NAMING = (AttributeError, NameError, TypeError, ImportError)
"""Exceptions that quote names of the program only, so all of their words are kept."""


def formatter() -> logging.Formatter:
    """JSON lines; plain ones where a person sits in front of them."""
    return PlainLine() if sys.stderr.isatty() else JsonLine()


class JsonLine(JsonFormatter):
    """{"time": …, "level": …, "logger": …, "message": …, "pid": …, …}, all of it ASCII."""

    def format(self, record):
        return self.serialize_log_record(facts(record))


class PlainLine(logging.Formatter):
    """`03:45:44 WARNING kefu.bus: the channel layer is there again`."""

    def format(self, record):
        told = facts(record)
        parts = [told["time"][11:19], told["level"], f"{told['logger']}:", told["message"]]
        if "exception" in told:
            parts += ["|", told["exception"], "|", " > ".join(told["where"])]
        parts += [f"{name}={told[name]}" for name in ("route", *EXTRAS) if name in told]
        return printable(" ".join(parts))


def printable(text: str) -> str:
    """Controls, line ends of all kinds and marks that turn the direction of writing, escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def facts(record: logging.LogRecord) -> dict:
    """What a line says of a record."""
    message, error = message_and_error(record)
    refused = record.name.startswith("django.security.")
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    told = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        # That somebody sends nonsense is no error of ours.
        "level": "WARNING" if refused else record.levelname,
        "logger": record.name,
        "message": message[:LONGEST],
        "pid": record.process,
    }
    if WORKER:
        told["worker"] = int(WORKER)
    for name in EXTRAS:
        if hasattr(record, name):
            told[name] = str(getattr(record, name))
    if request := getattr(record, "request", None):
        told["route"] = route_of(request)
    if hasattr(record, "status_code"):
        told["status"] = record.status_code
    if error and not refused:
        told["exception"] = " from ".join([words(error), *map(placed, causes(error))])
        told["where"] = frames(error.__traceback__)
    return told


def message_and_error(record: logging.LogRecord) -> tuple[str, BaseException | None]:
    """The message, and the exception that it is about. Of what other packages say the first
    line is taken: more lines are a traceback, or an object with all that it holds."""
    error = record.exc_info[1] if record.exc_info else None
    # daphne logs a twisted Failure, uvicorn an OSError, in the message's place.
    found = getattr(record.msg, "value", record.msg)
    if isinstance(found, BaseException):
        return "an exception", error or found
    message, args = str(record.msg), record.args
    if isinstance(args, tuple):
        route = request_path(record)
        args = tuple(harmless(arg, *route) for arg in args)
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
        # daphne writes traceback.format_exc() into the message.
        head = "an exception"
    if package not in ("django", "axes"):
        # asyncio writes what a callback was called with.
        head = without_quotes(head)
    return head, error


def request_path(record: logging.LogRecord) -> tuple[str, str] | tuple[()]:
    """(a request's path as Django logs it, what is written instead): a path may be a link that
    sets a password."""
    request = getattr(record, "request", None)
    if request is None:
        return ()
    return request.path.encode("unicode_escape").decode("ascii"), route_of(request)


def route_of(request) -> str:
    """The pattern of the address that was asked for; "" for one that isn't there."""
    match = getattr(request, "resolver_match", None)
    return match.route if match else ""


def harmless(arg: object, path: str = "", route: str = "") -> object:
    """An argument of a log call as it may be written."""
    if isinstance(arg, BaseException):
        return Told(words(arg))
    if path and arg == path:
        return route or "an unknown address"
    return arg


class Told(str):
    """Text that `%r` leaves as it is."""

    def __repr__(self):
        return str(self)


def words(error: BaseException) -> str:
    """`Kind: words`, or the kind alone where the words may be somebody's."""
    kind = type(error).__name__
    if isinstance(error, NAMING):
        said = str(error)
    elif isinstance(error, Error):
        said = without_quotes(" ".join(map(str, error.args)))
    elif isinstance(error, SPEAKING) or type(error).__module__.partition(".")[0] == "redis":
        said = without_quotes(str(error))
    else:
        said = ""
    return f"{kind}: {said[:300]}" if said else kind


def without_quotes(text: str) -> str:
    """Drops all from the first opening quote to the last one, since what is quoted may hold
    quotes itself; without a second one, to the end. The apostrophe of "can't" opens nothing."""
    for position, mark in enumerate(text):
        if mark in "'\"`“" and not text[max(0, position - 1) : position].isalnum():
            last = max(text.rfind(quote) for quote in "'\"`”")
            return f"{text[:position]}…{text[last + 1 :] if last > position else ''}"
    return text


def causes(error: BaseException) -> list[BaseException]:
    """What led to an exception, latest first."""
    chain = []
    while len(chain) < MOST_CAUSES:
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if error is None:
            break
        chain.append(error)
    return chain


def placed(error: BaseException) -> str:
    """The words of a cause, and where it was raised."""
    place = frames(error.__traceback__)
    return f"{words(error)} at {place[-1]}" if place else words(error)


def frames(traceback: TracebackType | None) -> list[str]:
    """`file:line function` of the innermost frames, outermost first."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{short(code.co_filename)}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return found[-MOST_FRAMES:]


def short(file: str) -> str:
    """A file's path within the project, within its package, or else its last two parts."""
    if "site-packages/" in file:
        return file.rpartition("site-packages/")[2]
    if file.startswith(f"{ROOT}/"):
        return file.removeprefix(f"{ROOT}/")
    return "/".join(file.split("/")[-2:])


def client_of(username, ip_address, user_agent, path_info, request) -> str:
    """Who failed to sign in, for django-axes: the address. What was typed as an account may be a
    password."""
    return str(ip_address)


def catch_the_rest() -> None:
    """Brings into the log what would be printed: exceptions that nobody catches, Python's
    warnings, and what twisted (under daphne) has to tell."""
    log = logging.getLogger("kefu.uncaught")

    def in_thread(args):
        name = args.thread.name if args.thread else "a thread"
        told = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("an exception ended %s", name, exc_info=told)

    def in_main(kind, error, traceback):
        if not issubclass(kind, Exception):
            return sys.__excepthook__(kind, error, traceback)
        log.critical("an exception ended the process", exc_info=(kind, error, traceback))

    def unraisable(args):
        told = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("an exception that nobody could catch", exc_info=told)

    threading.excepthook, sys.excepthook, sys.unraisablehook = in_thread, in_main, unraisable
    if "twisted.internet.reactor" in sys.modules:
        from twisted.logger import STDLibLogObserver, globalLogBeginner

        globalLogBeginner.beginLoggingTo([STDLibLogObserver()], redirectStandardIO=False)
        if "daphne.server" in sys.modules:
            # It would begin once more, to nowhere, which twisted warns of at each start.
            begun = SimpleNamespace(beginLoggingTo=lambda *args, **options: None)
            sys.modules["daphne.server"].globalLogBeginner = begun
    # After twisted, which takes the warnings to itself.
    logging.captureWarnings(True)
