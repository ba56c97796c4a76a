"""Values of attributes, by kind."""

import pytest

from accounts.models import Attribute
from chat.customers import attributes
from chat.models import Visitor, VisitorAttribute
from chat.protocol.errors import Refused
from chat.visitor_page.values import value_of

KINDS = {
    "plan": Attribute(key="plan", kind="choice", choices=["gold", "free"]),
    "spent": Attribute(key="spent", kind="number"),
    "born": Attribute(key="born", kind="date"),
    "site": Attribute(key="site", kind="link"),
    "firm": Attribute(key="firm", kind="text"),
}


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("plan", "gold", "gold"),
        ("spent", "12.50", 12.5),
        ("spent", 1e3, 1000),
        ("spent", 0, 0),
        ("born", "2026-02-28", "2026-02-28"),
        ("site", "https://a.example/x?y=1", "https://a.example/x?y=1"),
        ("firm", " A \t B ", "A B"),
        ("firm", "", None),
        ("spent", None, None),
    ],
)
def test_a_value_is_stored_as_its_kind_says(key, value, stored):
    assert attributes.checked(KINDS, {key: value}) == {key: stored}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plan", "silver"),
        ("plan", ["gold"]),
        ("spent", "many"),
        ("spent", True),
        ("spent", "1e999"),
        ("spent", "nan"),
        ("spent", 10**400),
        ("spent", "٣"),
        ("spent", "1_0"),
        ("born", "20260228"),
        ("born", "2026-02-30"),
        ("born", 20260228),
        ("site", "javascript:alert(1)"),
        ("site", "https://"),
        ("site", "https://[x"),
        ("firm", "x" * 501),
        ("firm", 5),
        ("firm", "a\x00b"),
        ("other", "x"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_named(key, value):
    with pytest.raises(Refused) as refused:
        attributes.checked(KINDS, {key: value})
    assert refused.value.code == "bad_field" and refused.value.facts["field"] == f"attributes.{key}"
    assert attributes.kept(KINDS, {"firm": "A", key: value})[1] == [key]


def test_a_value_reads_the_same_in_the_panel_and_on_pages():
    for key, value, words in (
        ("spent", 12345.5, "12,345.5"),
        ("spent", "older", "older"),
        ("born", "2026-02-28", "Feb. 28, 2026"),
        ("born", "older", "older"),
        ("firm", "A", "A"),
    ):
        assert attributes.in_words(KINDS[key], value) == words == value_of(KINDS[key], value)


@pytest.mark.django_db
def test_what_is_given_replaces_and_is_found():
    visitor = Visitor.objects.create(ent_id="a", label="V", contact="Ann@Example.com")
    assert visitor.email_key == "ann@example.com"
    assert attributes.write(visitor, {"firm": "Tea & Co", "spent": 12.5})
    assert not attributes.write(visitor, {"spent": 12.5, "born": None})
    assert attributes.write(visitor, {"firm": None, "plan": "Gold"})
    visitor.refresh_from_db()
    assert visitor.attributes == {"spent": 12.5, "plan": "Gold"}
    rows = VisitorAttribute.objects.order_by("key").values_list("key", "value", "number")
    assert list(rows) == [("plan", "gold", None), ("spent", "12.5", 12.5)]
