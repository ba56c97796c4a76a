"""Several processes look for what is to be mailed at once: each mail goes out once."""

import threading
import time

import pytest
from django.db import connection

from chat.mail import reminders
from chat.models import MailJob
from tests.chat.two_processes import twins

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


PROGRAM = """
import select, sys
import django
django.setup()
from chat.mail import jobs, reminders
print("ready", flush=True)
input()
while not select.select([sys.stdin], [], [], 0.01)[0]:
    jobs.send(reminders.take_due())
jobs.send(reminders.take_due())
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_double_no_mail(wanting, alice, bob, tmp_path):
    def count(word: str) -> int:
        return sum(path.read_text().count(word) for path in tmp_path.iterdir())

    mails = f"filemail:///{tmp_path}"
    with twins(PROGRAM, PUBLIC_URL="https://chat.example.com", EMAIL_URL=mails):
        many(wanting, alice, bob)
        until = time.monotonic() + 30
        while (count("/agent/c/") < 3 or count("view=unclaimed") < 2) and time.monotonic() < until:
            time.sleep(0.05)
    assert count("/agent/c/") == 3
    assert count("view=unclaimed") == 2, "alice's and bob's"
    assert not MailJob.objects.exists()
