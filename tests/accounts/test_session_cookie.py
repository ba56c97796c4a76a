"""What a browser is told of the cookie of a session that has ended."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(browser_of, alice):
    """A browser whose session has ended elsewhere."""
    browser = browser_of(alice)
    Session.objects.all().delete()
    return browser


def test_a_late_answer_to_a_script_takes_no_cookie_of_a_sign_in_that_has_begun(ended):
    answer = ended.get("/agent/alerts/", headers={"accept": "application/json"})
    assert answer.status_code == 401 and settings.SESSION_COOKIE_NAME not in answer.cookies


def test_a_page_that_leads_to_the_sign_in_takes_the_cookie(ended):
    answer = ended.get("/agent/alerts/")
    assert answer.status_code == 302 and answer.cookies[settings.SESSION_COOKIE_NAME].value == ""
