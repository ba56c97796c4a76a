"""Several processes look for what is to be mailed at once: each mail goes out once."""

from itertools import chain

import pytest

from chat.mail import reminders
from tests.chat.threads import in_threads

from .reminders import many


@pytest.mark.django_db(transaction=True)
def test_of_several_who_look_at_once_one_sends(wanting, alice, bob):
    many(wanting, alice, bob)
    found = [*chain.from_iterable(in_threads(4, lambda _number: reminders.take_due()))]
    links = [each.body.count("/agent/c/") for one in found for each in one.mails]
    assert sum(links) == 3, "each mention once, in whichever mail"
    waiting = [each for one in found for each in one.mails if "/agent/c/" not in each.body]
    assert sorted(each.to[0] for each in waiting) == ["alice@example.com", "bob@example.com"]
