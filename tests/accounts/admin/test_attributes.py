"""The attributes of customers among the settings of an enterprise."""

import pytest

from accounts.models import Attribute, AuditRow
from accounts.models.attribute import MAX_ATTRIBUTES
from chat.customers import attributes
from chat.models import Visitor

from .page import edit, errors_of, form_of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def place(enterprise) -> str:
    return edit(enterprise, "attributes")


@pytest.fixture
def plan(enterprise) -> Attribute:
    return Attribute.objects.create(
        enterprise=enterprise, key="plan", label="Plan", kind="choice", choices=["gold", "free"]
    )


def row(number: int, **fields) -> dict:
    return {f"attributes-{number}-{name}": value for name, value in fields.items()}


def test_attributes_are_added_ordered_and_changed(boss, enterprise, place, plan):
    new = row(1, key="born", label="Birthday", kind="date", position="3")
    submit(boss, place, **row(0, choices="gold\r\n\r\n new  one \r\n", position="5"), **new)
    found = [(one.key, one.kind, one.choices) for one in enterprise.attributes.all()]
    assert found == [("born", "date", []), ("plan", "choice", ["gold", "new one"])]
    assert "Birthday · Plan" in boss.get(place).content.decode()


def test_the_order_of_choices_is_not_overwritten_unseen(boss, root, place, plan):
    fields = form_of(boss.get(place))
    submit(root, place, **row(0, choices="free\ngold"))
    refused = boss.post(place, {**fields, **row(0, choices="gold\nfree\nnew")})
    assert "attributes-0-choices" in errors_of(refused)
    assert boss.post(place, {**fields, **row(0, label="Tariff")}).status_code == 302
    plan.refresh_from_db()
    assert (plan.label, plan.choices) == ("Tariff", ["free", "gold"])


def test_a_stored_key_stays(boss, place, plan):
    submit(boss, place, **row(0, key="other", label="Tariff"))
    plan.refresh_from_db()
    assert (plan.key, plan.label) == ("plan", "Tariff")
    assert "CSV files name it plan." in boss.get(place).content.decode()


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("key", {"key": "Plan B", "label": "L", "kind": "text"}),
        ("key", {"key": "", "label": "L", "kind": "text"}),
        ("key", {"key": "email", "label": "L", "kind": "text"}),
        ("label", {"key": "b", "label": "", "kind": "text"}),
        ("kind", {"key": "b", "label": "L", "kind": "colour"}),
        ("choices", {"key": "b", "label": "L", "kind": "choice", "choices": " \n"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(boss, place, field, fields):
    answer = submit(boss, place, **row(0, position="0", **fields))
    assert list(errors_of(answer)) == [f"attributes-0-{field}"]
    assert not Attribute.objects.exists()


def test_a_key_twice_and_a_fifty_first_are_refused(boss, enterprise, place, plan):
    again = row(1, key="plan", label="P", kind="text", position="0")
    assert errors_of(submit(boss, place, **again))
    assert enterprise.attributes.count() == 1
    Attribute.objects.bulk_create(
        Attribute(enterprise=enterprise, key=f"k{n}", label="K") for n in range(1, MAX_ATTRIBUTES)
    )
    more = row(MAX_ATTRIBUTES, key="more", label="More", kind="text", position="0")
    assert "at most 50" in str(errors_of(submit(boss, place, **more)))
    assert enterprise.attributes.count() == MAX_ATTRIBUTES


def test_deleting_asks_and_takes_the_values_away(
    boss, place, plan, django_capture_on_commit_callbacks
):
    visitor = Visitor.objects.create(ent_id="acme", label="V", secret_hash="s")
    attributes.write(visitor, {"plan": "gold"})
    lost = submit(boss, place, **row(0, choices="free"))
    assert "1 customer has a value" in str(errors_of(lost))
    asked = submit(boss, place, **row(0, DELETE="on"))
    assert "a value of 1 customer" in str(errors_of(asked)) and Attribute.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(place, form_of(asked)).status_code == 302
    visitor.refresh_from_db()
    assert visitor.attributes == {} and not Attribute.objects.exists()
    noted = AuditRow.objects.get(kind="attribute", action="deleted")
    assert (noted.object_name, noted.actor_name) == ("plan", "mona")
