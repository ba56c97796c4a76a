"""The administration's page about visitors who are signed in on the enterprise's site."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from .page import edit

pytestmark = pytest.mark.django_db


def page_of(enterprise) -> str:
    return reverse("admin:accounts_enterprise_identity", args=[enterprise.pk])


def test_the_page_shows_the_secret_to_who_manages_the_enterprise(boss, root, enterprise):
    for browser in (boss, root):
        answer = browser.get(page_of(enterprise))
        page = answer.content.decode()
        assert enterprise.identity_secret in page and 'data-ent="acme"' in page
        assert "no-store" in answer["Cache-Control"]
    assert page_of(enterprise) in boss.get(edit(enterprise)).content.decode()
    assert enterprise.identity_secret not in boss.get(edit(enterprise)).content.decode()


@pytest.mark.parametrize(("former", "kept"), [("keep", True), ("end", False)])
def test_a_new_secret_replaces_the_present_one_at_once_or_in_a_day(boss, enterprise, former, kept):
    before = enterprise.identity_secret
    answer = boss.post(page_of(enterprise), {"former": former, "sure": "on"}, follow=True)
    enterprise.refresh_from_db()
    now = timezone.now()
    assert enterprise.identity_secret != before and len(enterprise.identity_secret) >= 32
    counts = enterprise.valid_secrets(now)
    assert counts == [enterprise.identity_secret, *([before] if kept else [])]
    assert enterprise.valid_secrets(now + timedelta(hours=25)) == [enterprise.identity_secret]
    page = answer.content.decode()
    assert enterprise.identity_secret in page and before not in page
    assert ("is valid until" in page) is kept
    entry = LogEntry.objects.get()
    assert before not in str(vars(entry)) and enterprise.identity_secret not in str(vars(entry))


@pytest.mark.parametrize(
    "form", [{}, {"former": "keep"}, {"sure": "on"}, {"former": "x", "sure": "on"}]
)
def test_without_a_choice_and_a_yes_the_secret_stays(boss, enterprise, form):
    answer = boss.post(page_of(enterprise), form)
    assert answer.status_code == 200
    secret = enterprise.identity_secret
    enterprise.refresh_from_db()
    assert enterprise.identity_secret == secret
