"""Applications that break one promise each; bin/crash must notice every one of them. They are
served in place of kefu.asgi:application, so the product itself has no switch for any of this."""

import os
import random
import threading

from django.conf import settings
from django.db import transaction

import kefu.asgi

application = kefu.asgi.application  # Sets Django up, so it comes before the models below.

from chat.assistant import ending  # noqa: E402
from chat.channels import arrivals  # noqa: E402
from chat.conversations import claims  # noqa: E402
from chat.ledger.threads import Thread  # noqa: E402
from chat.posting import batches, writer  # noqa: E402
from chat.reading import history  # noqa: E402
from chat.reading.standing import Standing  # noqa: E402

WITHHELD = settings.DATA_DIR / "withheld"
"""While this file is there, `early_ack` commits nothing that it answers."""


def early_ack():
    """Answers batches before they are committed: while the file WITHHELD is there, none is."""
    settle, opened = batches.settle, []

    def early(items):
        in_writer = threading.current_thread().name.startswith("kefu-writer")
        if in_writer and not opened and WITHHELD.exists():
            around = transaction.atomic()
            around.__enter__()
            opened.append(around)
        return settle(items)

    batches.settle = early


def dropped_unread():
    """Counts some messages for one of their readers less."""
    append = Thread.append

    def careless(thread, row):
        append(thread, row)
        counted = [seat for seat in thread.seats.values() if seat.added]
        if counted and random.random() < 0.1:
            random.choice(counted).added -= 1
        return row

    Thread.append = careless


def skipped_number():
    """Leaves a number out now and then."""
    append = Thread.append

    def hasty(thread, row):
        if random.random() < 0.1:
            thread.last_seq += 1
        return append(thread, row)

    Thread.append = hasty


def forgetful_sync():
    """Leaves one of the missed messages out."""
    missed = history.missed_events

    def forgetful(*args):
        events, *rest = missed(*args)
        if len(events) > 1:
            events.pop(random.randrange(len(events)))
        return events, *rest

    history.missed_events = forgetful


def forgotten_claim():
    """Tells everybody of a claim and stores none."""

    def careless(thread, who, name, now):
        thread.facts |= {"claimed_by": who, "claimed_name": name}

    claims.set_holder = careless


def unheard_claim():
    """Stores a claim and tells nobody, now or with a sync."""
    set_holder, of = claims.set_holder, Standing.of

    def silent(thread, *args):
        told = dict(thread.facts)
        set_holder(thread, *args)
        thread.facts = told

    claims.set_holder = silent
    Standing.of = lambda *args: of(*args) | {"claimed_by": None}


def forgotten_arrival():
    """Takes all that has come by a channel for stored, and stores most of it."""
    keep = arrivals.keep

    def careless(channel, arrived, *rest):
        return keep(channel, [one for one in arrived if random.random() > 0.2], *rest)

    arrivals.keep = careless


def stale_proof():
    """Says what was proven when the model was asked, whatever was published since."""
    ending.proven = lambda *args: True


def hoard():
    """Keeps some memory for each message, and a file open for some of them."""
    append, kept = Thread.append, []

    def greedy(thread, row):
        # On a busy machine there are few messages.
        kept.append(bytearray(os.urandom(200_000)))
        if len(kept) % 5 == 0:
            kept.append(os.open(os.devnull, os.O_RDONLY))
        return append(thread, row)

    Thread.append = greedy


def patient_database():
    """Waits for an answer of the database for as long as the kernel does, and so does what is
    queued behind it."""
    writer.PATIENCE = 3_600
    for name in ("read_timeout", "write_timeout"):
        del settings.DATABASES["default"]["OPTIONS"][name]


def __getattr__(name):
    """`tests.faults.planted:early_ack` is an application, broken when it is asked for."""
    if name.startswith("serve_"):
        globals()[name.removeprefix("serve_")]()
        return application
    raise AttributeError(name)
