"""What a manager or a command does to a definition, and what that means for values."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import Attribute, AuditRow
from accounts.models.attribute import MAX_ATTRIBUTES
from chat.customers import attributes, definitions
from chat.models import LegalHold, Visitor, VisitorAttribute

pytestmark = pytest.mark.django_db


def run(*line) -> None:
    call_command("attribute", *line)


def customer(code: str, /, **values) -> Visitor:
    visitor = Visitor.objects.create(ent_id=code, label="V", secret_hash="s")
    attributes.write(visitor, values)
    return visitor


def values(visitor: Visitor) -> dict:
    visitor.refresh_from_db()
    rows = VisitorAttribute.objects.filter(visitor=visitor)
    assert {row.key: row.value for row in rows} == {
        key: str(value).lower() for key, value in visitor.attributes.items()
    }
    return visitor.attributes


def test_the_command_makes_and_changes_one_and_is_in_the_audit(enterprise, capsys):
    choices = ["--choice", "gold", "--choice", " free "]
    run("acme", "plan", "--kind", "choice", "--label", "Plan", *choices)
    assert capsys.readouterr().out == (
        "Attribute plan of acme: label=Plan kind=choice choice=gold choice=free\n"
    )
    run("acme", "plan", "--kind", "choice", "--choice", "gold")
    run("acme", "firm", "--kind", "text")
    found = [(one.key, one.label, one.choices) for one in enterprise.attributes.all()]
    assert found == [("plan", "Plan", ["gold"]), ("firm", "firm", [])]
    row = AuditRow.objects.filter(kind="attribute").order_by("pk")[1]
    assert (row.action, row.object_name, row.source) == ("changed", "plan", "manage.py attribute")


@pytest.mark.parametrize(
    "line",
    [
        ("none", "plan", "--kind", "text"),
        ("acme", "Plan", "--kind", "text"),
        ("acme", "k" * 41, "--kind", "text"),
        ("acme", "plan\n", "--kind", "text"),
        ("acme", "plan", "--kind", "choice"),
        ("acme", "plan", "--kind", "text", "--choice", "x"),
        ("acme", "plan", "--kind", "choice", "--choice", "x" * 101),
        ("acme", "plan", "--kind", "choice", "--choice", "a\x07"),
        ("acme", "plan", "--kind", "text", "--label", ""),
        ("acme", "plan", "--kind", "text", "--label", "x" * 61),
        ("acme", "plan", "--kind", "colour"),
    ],
)
def test_the_command_refuses_what_is_wrong(enterprise, line):
    with pytest.raises(CommandError):
        run(*line)
    assert not Attribute.objects.exists()


def test_the_fifty_first_is_refused(enterprise):
    Attribute.objects.bulk_create(
        Attribute(enterprise=enterprise, key=f"k{n}", label="K") for n in range(MAX_ATTRIBUTES)
    )
    with pytest.raises(CommandError, match="at most 50"):
        run("acme", "more", "--kind", "text")
    run("acme", "k7", "--kind", "date")


def test_a_kind_changes_only_where_no_value_is_lost(
    enterprise, other_enterprise, django_capture_on_commit_callbacks
):
    run("acme", "code", "--kind", "text")
    run(other_enterprise.code, "code", "--kind", "text")
    foreign = customer(other_enterprise.code, code="many")
    first, second = customer("acme", code="12"), customer("acme", code="no number")
    for line in (["number"], ["choice", "--choice", "12"], ["date"]):
        with pytest.raises(CommandError, match=r"customers? ha"):
            run("acme", "code", "--kind", *line)
    assert enterprise.attributes.get().kind == "text" and values(first) == {"code": "12"}
    attributes.write(second, {"code": "0.5"})
    with django_capture_on_commit_callbacks(execute=True):
        run("acme", "code", "--kind", "number")
    assert (values(first), values(second)) == ({"code": 12}, {"code": 0.5})
    assert VisitorAttribute.objects.get(visitor=first).number == 12
    with django_capture_on_commit_callbacks(execute=True):
        run("acme", "code", "--kind", "text")
    assert (values(first), values(second)) == ({"code": "12"}, {"code": "0.5"})
    assert values(foreign) == {"code": "many"}


def test_a_new_choice_reads_no_value_and_another_is_another(enterprise, django_assert_num_queries):
    run("acme", "plan", "--kind", "choice", "--choice", "gold")
    customer("acme", plan="gold")
    plan = enterprise.attributes.get()
    plan.choices = ["free", "gold"]
    with django_assert_num_queries(1):
        plan.clean()
    plan.choices = ["Gold"]
    with pytest.raises(ValidationError):
        plan.clean()


def test_values_go_with_their_attribute_and_a_hold_keeps_them(
    enterprise, other_enterprise, django_capture_on_commit_callbacks
):
    for code in ("acme", other_enterprise.code):
        run(code, "plan", "--kind", "text")
        run(code, "firm", "--kind", "text")
    mine, held = (customer("acme", plan="gold", firm=firm) for firm in "AB")
    foreign = customer(other_enterprise.code, plan="gold")
    LegalHold.objects.create(ent_id="acme", visitor=held, reason="R", placed_by_name="m")
    with django_capture_on_commit_callbacks(execute=True):
        enterprise.attributes.get(key="plan").delete()
    assert (values(mine), values(held)) == ({"firm": "A"}, {"firm": "B"})
    assert values(foreign) == {"plan": "gold"}
    assert LegalHold.objects.get().kept[0]["attributes"] == {"plan": "gold"}


def test_what_a_killed_process_left_is_swept(enterprise):
    mine = customer("acme", gone="x", firm="A")
    run("acme", "firm", "--kind", "text")
    definitions.settle()
    assert values(mine) == {"firm": "A"}
    run("acme", "code", "--kind", "text")
    attributes.write(mine, {"code": "12"})
    run("acme", "code", "--kind", "number")
    definitions.settle()
    assert values(mine) == {"firm": "A", "code": 12}
    assert VisitorAttribute.objects.get(key="code").number == 12
