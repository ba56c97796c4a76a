"""Two who change teams at the same time."""

from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import setup
from accounts.models import Team


@pytest.mark.django_db(transaction=True)
def test_two_saves_at_once_make_no_circle(team, enterprise, monkeypatch):
    """The second one begins between the check and the row of the first; it has time to end there,
    unless it waits for the first."""
    vip = setup.find_or_create_team(enterprise, "vip")
    usual, others = Team.save, []

    def other():
        try:
            setup.change_team(Team.objects.get(pk=vip.pk), overflow=Team.objects.get(pk=team.pk))
        except ValidationError as refused:
            others.append(refused)
        finally:
            connection.close()

    second = Thread(target=other)

    def save(self, *args, **kwargs):
        if self.pk == team.pk:
            second.start()
            second.join(timeout=1)
        usual(self, *args, **kwargs)

    monkeypatch.setattr(Team, "save", save)
    setup.change_team(team, overflow=vip)
    second.join()
    assert "circle" in str(others)
    assert not Team.objects.filter(slug="vip", overflow__isnull=False).exists()
