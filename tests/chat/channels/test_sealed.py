from unittest import mock

import pytest
from django.db import connection

from chat.channels import sealed

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_slow_token_locks_nothing(channel):
    seen = []

    def fetch():
        seen.append(connection.in_atomic_block)
        return "first", 7_200.0

    assert sealed.token_of(channel, fetch) == "first"
    assert sealed.token_of(channel, fetch) == "first" and seen == [False]


def test_a_refused_token_is_replaced_by_that_of_another_process(channel):
    sealed.token_of(channel, lambda: ("old", 7_200.0))
    here = type(channel).objects.get(pk=channel.pk)
    sealed.token_of(channel, lambda: ("new", 7_200.0), refused="old")
    assert sealed.token_of(here, mock.Mock(), refused="old") == "new"
