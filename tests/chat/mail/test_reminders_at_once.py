"""Several processes look for what is to be mailed at once: each mail goes out once."""

import threading

import pytest
from django.db import connection

from chat.mail import reminders

from .reminders import many


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_sends(wanting, alice, bob):
    many(wanting, alice, bob)
    start = threading.Barrier(4)
    found, failures = [], []

    def taking() -> None:
        try:
            start.wait(10)
            found.extend(reminders.take_due())
        except BaseException as error:  # a thread's failure is the test's
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=taking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    links = [each.body.count("/agent/c/") for one in found for each in one.mails]
    assert sum(links) == 3, "each mention once, in whichever mail"
    waiting = [each for one in found for each in one.mails if "/agent/c/" not in each.body]
    assert sorted(each.to[0] for each in waiting) == ["alice@example.com", "bob@example.com"]
