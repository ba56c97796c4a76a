"""Which addresses a list takes: those that it, or a page of this project, links to."""

import itertools

import pytest
from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import Member
from chat import metrics
from chat.models import Visitor, Webhook, WebhookDelivery

from .page import address

pytestmark = [pytest.mark.once, pytest.mark.django_db]
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
TIMES = ("year=0", "year=9999", "gte=0001-01-01T00:00%2B14:00")
ODD = ["q=" + "a+" * 3000, "q=" + "a" * 5000, "p=" + "9" * 30, "p=x", "o=" + "1." * 3000]
ODD += [f"attempt_time__{time}" for time in TIMES]


def lookups(model):
    """Lookups that no list has a filter for: of each column, and of the columns behind it."""
    yield from (f"{model._meta.pk.name}__{kind}" for kind in ("iregex", "startswith"))
    for field in model._meta.concrete_fields:
        yield f"{field.name}__regex"
        if field.is_relation:
            behind = field.related_model._meta.concrete_fields[:4]
            yield from (f"{field.name}__{column.name}__regex" for column in behind)


def listed(model, query: str, superuser):
    """What stands behind a list, without drawing the page."""
    request = RequestFactory().get(f"{address(model, 'changelist')}?{query}")
    request.user = superuser
    return admin.site._registry[model].get_changelist_instance(request)


def test_a_list_takes_only_the_filters_that_it_offers(root, superuser):
    for model in MODELS:
        for lookup in (*lookups(model), "attempt_time__month"):
            with pytest.raises(SuspiciousOperation):
                listed(model, f"{lookup}=5", superuser)
        answer = root.get(f"{address(model, 'changelist')}?{lookup}=5")
        assert answer.status_code == 400, model


def test_every_filter_that_a_list_offers_works(root, superuser, rows):
    for model in MODELS:
        place = address(model, "changelist")
        shown = root.get(f"{place}?q=").context["cl"]
        queries = [
            choice["query_string"].lstrip("?")
            for filter_spec in shown.filter_specs
            for choice in filter_spec.choices(shown)
            if "query_string" in choice
        ]
        if shown.date_hierarchy:
            queries += [f"{shown.date_hierarchy}__year=2026&{shown.date_hierarchy}__month=5"]
        assert bool(queries) is bool(shown.list_filter), model
        for query in queries:
            list(listed(model, query, superuser).result_list)
        if queries:
            assert root.get(f"{place}?{queries[-1]}").status_code == 200, (model, queries[-1])


def test_the_links_of_other_pages_to_lists_work(root, rows):
    place = address(WebhookDelivery, "changelist")
    for query in ("state__exact=2", f"webhook={rows[Webhook][0].pk}"):
        assert root.get(f"{place}?{query}").status_code == 200


def test_an_odd_address_is_refused_and_no_fault_of_the_database(root):
    before = metrics.DATABASE_ERRORS.labels("page")._value.get()
    each_one = zip(MODELS, itertools.cycle(ODD), strict=False)
    for model, query in (*each_one, *((Member, query) for query in ODD)):
        answer = root.get(f"{address(model, 'changelist')}?{query}")
        assert answer.status_code in (200, 302, 400), (model, query[:40])
    assert metrics.DATABASE_ERRORS.labels("page")._value.get() == before


def test_a_long_search_is_refused_where_fields_complete_themselves(boss, rows):
    query = {"app_label": "accounts", "model_name": "teammember", "field_name": "member"}
    for term in ("a " * 3000, "a" * 201):
        answer = boss.get(reverse("admin:autocomplete"), {**query, "term": term})
        assert answer.status_code == 400
    for model in (Member, Visitor):
        words = "+".join("ab" for _ in range(20))
        assert boss.get(f"{address(model, 'changelist')}?q={words}").status_code == 200


def test_a_list_without_rows_has_nothing_to_search(boss):
    place = address(Webhook, "changelist")
    assert 'type="search"' not in boss.get(place).content.decode()
    assert 'type="search"' in boss.get(f"{place}?q=erp").content.decode()


def test_what_destroys_is_the_last_thing_to_be_done_with_ticked_rows(boss, alice):
    acts = boss.get(address(Member, "changelist")).context["acts"]
    assert [act.destroys for act in acts] == [False] * (len(acts) - 1) + [True]
