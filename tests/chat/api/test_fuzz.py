"""The API under requests that are made from its own document, right ones and wrong ones: none is an
error of ours, and every answer is as the document says."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import content_type_conformance, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks

from .program import ROOT

pytestmark = [pytest.mark.once, pytest.mark.django_db]
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 25
"""Requests for each operation and way of making them: a few seconds in all."""


@pytest.fixture
def document(program):
    """Requests go through WSGI, in this thread and the transaction of the test, whose connection
    none of them closes."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(f"{ROOT}openapi.json", get_wsgi_application())
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def unlimited(settings):
    settings.RATE_LIMITS = False


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_is_an_error_and_every_answer_is_as_documented(
    document, program, unlimited, group, guest, mode
):
    hook = hooks.create(program.member.enterprise, "https://crm.example.com/", TYPES)
    sent = deliveries.send_test(hook).pk
    articles.put(program.member.enterprise, "tea", "en", Text("Tea", "Text."))
    real = {"group": group, "visitor": guest.uuid, "webhook": hook.uuid, "delivery": sent}
    real["slug"] = "tea"
    headers = {"Authorization": f"Bearer {program.text}", "Accept-Encoding": "identity"}
    tried = 0
    for found in document.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            nonlocal tried
            tried += 1
            # Of what is there; what is not there is tried by the other half.
            if case.path_parameters and tried % 2:
                names = case.path_parameters.keys() & real.keys()
                case.path_parameters |= {name: real[name] for name in names}
            response = case.call(headers={**(case.headers or {}), **headers})
            case.validate_response(response, checks=CHECKS)

        ask()
    assert tried > 100
