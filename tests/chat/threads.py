"""Functions that run in threads at the same time, on the database."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connection

from chat.posting import batches


def in_threads(count: int, work) -> list:
    """`work(number)` in so many threads that begin together; the results in order."""
    return at_once(*(partial(work, number) for number in range(count)))


def insist(items) -> list[dict]:
    """As a page does: what is `unavailable` is sent again until it is not."""
    for _ in range(50):
        answers = batches.settle(items).answers
        if not any(answer and answer.get("code") == "unavailable" for answer in answers):
            return answers
    raise AssertionError("the database never took it")


def at_once(*jobs) -> list:
    """All `jobs` in threads that begin together; their results in order."""
    start = threading.Barrier(len(jobs))

    def run(job):
        start.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def put(item):
    """As a page does: what is `unavailable` is sent again until it is not."""
    for _ in range(50):
        answer = batches.run([item])[0]
        if not answer or answer.get("code") != "unavailable":
            return answer
    raise AssertionError("the database never took it")
