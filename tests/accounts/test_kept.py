"""Questions whose SQL is made once: they find what their query finds, with each call's values."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.kept import Kept
from accounts.models import Member

pytestmark = pytest.mark.django_db


def asked(code, names, since):
    found = Member.objects.filter(enterprise__code=code, name__in=names, created_at__gt=since)
    return found.order_by("name").values_list("name", flat=True)


def test_it_finds_what_its_query_finds_for_any_values(alice, bob, outsider):
    kept, past, future = Kept(asked), timezone.now() - timedelta(1), timezone.now() + timedelta(1)
    names = ["alice", "bob", "nobody", "oscar", "alice"]
    for code in ("acme", "umbrella", "%s' OR 1=1 --"):
        for number in range(len(names) + 1):
            for since in (past, future):
                values = code, names[:number], since
                assert kept(*values) == list(asked(*values))
    assert kept("acme", {"alice": 1}, past) == ["alice"] and kept.first("acme", {"bob"}, past)


def test_its_sql_is_made_once_for_as_many_values(alice):
    made = []
    kept = Kept(lambda names: made.append(names) or Member.objects.filter(name__in=names))
    for names in (["alice"], ["bob"], ["a", "b", "c"], ["a", "b", "c", "d"]):
        kept(names)
    assert [len(names) for names in made] == [1, 4]


def test_a_query_that_forgets_a_value_or_is_asked_for_none_is_an_error(alice):
    with pytest.raises(ValueError, match="no place"):
        Kept(lambda code: Member.objects.all())("acme")
    with pytest.raises(ValueError, match="None"):
        Kept(lambda name: Member.objects.filter(name=name))(None)
