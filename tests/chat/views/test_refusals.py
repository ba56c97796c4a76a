"""The decorator that answers what a view refuses, and what it counts."""

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from chat import metrics
from chat.models import SiteVisit
from chat.protocol.errors import HTTP_STATUS, Refused
from chat.views.refusals import answer_refusals
from tests.chat.helpers import JSON


def refuse(request, code, **facts):
    raise Refused(code, "why", **facts)


def as_page(request, refused, code, **facts):
    return HttpResponse(f"page for {code}", status=refused.status)


def count(code: str) -> float:
    return metrics.REFUSALS.labels(code)._value.get()


@pytest.mark.parametrize("code", HTTP_STATUS)
def test_json_gets_the_error_object_and_a_plain_form_the_page_of_the_view(code):
    before = count(code)
    for view in (answer_refusals(as_page)(refuse), answer_refusals()(refuse)):
        response = view(RequestFactory().post("/", **JSON), code, seq=3)
        assert response.status_code == HTTP_STATUS[code]
        assert json.loads(response.content) == {"error": code, "detail": "why", "seq": 3}
    response = answer_refusals(as_page)(refuse)(RequestFactory().post("/"), code)
    assert (response.status_code, response.content.decode()) == (
        HTTP_STATUS[code],
        f"page for {code}",
    )
    assert count(code) == before + 3


def test_a_plain_form_gets_the_error_object_where_there_is_no_page():
    response = answer_refusals()(refuse)(RequestFactory().post("/"), "conflict")
    assert (response.status_code, response["Content-Type"]) == (409, "application/json")


@pytest.mark.parametrize("accept", [{}, JSON], ids=["page", "json"])
def test_a_limit_says_when_to_try_again_and_nothing_else_does(accept):
    view = answer_refusals(as_page)(refuse)
    limited = view(RequestFactory().post("/", **accept), "rate_limited", retry_after=7)
    assert limited["Retry-After"] == "7"
    assert view(RequestFactory().post("/", **accept), "challenge")["Retry-After"] == "1"
    assert "Retry-After" not in view(RequestFactory().post("/", **accept), "unavailable")


@pytest.mark.django_db
@pytest.mark.parametrize("accept", [{}, JSON], ids=["page", "json"])
def test_refused_forms_are_counted_on_every_page(visitor, agent, group, enterprise, accept):
    now = timezone.now()
    visit = SiteVisit.objects.create(enterprise=enterprise, key="k", began_at=now, seen_at=now)
    before = count("bad_field")
    visitor.post(f"{enterprise.chat_path}privacy/erase/", {}, **accept)
    assert count("bad_field") == before + 1
    agent.post(f"/agent/visitors/{visit.pk}/invite/", {"text": ""}, **accept)
    assert count("bad_field") == before + 2
    agent.post(agent.place, {"content": ""}, **accept)
    assert count("bad_field") == before + 3
