"""What lines do: which customer each names, and what it changes of them.

A known identity names its visitor. Otherwise an address names the visitor who has it, if nobody
else has and the site calls them nothing else; their identity stays as it is, since whoever gave
that address to the chat has proved nothing. Otherwise an identity creates a visitor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count, Max

from chat.customers import attributes
from chat.customers.attributes import Known
from chat.models import ContactBy, CustomerImportRow, Visitor, theirs
from chat.models.visitor import first_address
from chat.protocol import fields
from chat.protocol.errors import Refused
from chat.visitors.cookies import supported_language
from chat.visitors.identities import MAX_NAME, Person, identity_key, person_id

from .tables import FIXED, Line

What = CustomerImportRow.What
Values = dict[str, list[Any]]
"""By column what stands before, and what is written. Of `email` these are contacts, and a third
says who gave the address before. Of a line that cannot be read they are its problems."""


class Problem(Exception):
    """`why` a line cannot be stored; views/managers/customer_imports.py has the words."""

    def __init__(self, why: str, column: str = ""):
        super().__init__(why)
        self.why = why
        self.column = column


SHOWN = 80
"""Characters of a refused cell that the page shows."""


@dataclass(slots=True)
class Plan:
    """A line, and what it does. `key` is that of the identity."""

    line: int
    facts: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    key: str = ""
    what: str = What.PROBLEM
    visitor: Visitor | None = None
    values: Values = field(default_factory=dict)
    problem: str = ""
    column: str = ""


def make(code: str, lines: Iterable[Line], known: Known, seen: set[str]) -> list[Plan]:
    """What these lines do in the enterprise with this code, whose visitors are locked in the
    caller's transaction. `seen` are the customers of earlier lines, and gets those of these."""
    plans = [read(code, *line, known) for line in lines]
    sound = [plan for plan in plans if not plan.problem]
    by_key, by_email = find(code, sound)
    for plan in sound:
        try:
            decide(plan, by_key, by_email, seen)
        except Problem as problem:
            plan.what = What.PROBLEM
            plan.problem, plan.column = problem.why, problem.column
    return plans


def read(code: str, line: int, cells: dict[str, str], more: bool, known: Known) -> Plan:
    """The values of a line, checked. Visitors are not looked at."""
    who = cells.get("identity") or cells.get("email", "").lower()
    plan = Plan(line, who=who[:MAX_NAME])
    problems = {"": "cells"} if more else {}
    for name, text in cells.items():
        try:
            plan.facts[name] = value_of(name, text, known)
        except Problem as problem:
            problems[name] = problem.why
    if not who:
        problems.setdefault("", "nobody")
    if problems:
        plan.column, plan.problem = next(iter(problems.items()))
        plan.values = {name: [cells.get(name, "")[:SHOWN], why] for name, why in problems.items()}
    elif identity := plan.facts.pop("identity", ""):
        plan.who = identity
        plan.key = identity_key(code, Person(identity))
    return plan


def value_of(name: str, text: str, known: Known) -> Any:
    try:
        if name == "identity":
            return person_id(text)
        if name in ("name", "email"):
            found = fields.line({name: text}, name, MAX_NAME)
            if name == "email":
                validate_email(found)
            return found
        if name == "language":
            if not (language := supported_language(text)):
                raise Problem("language", name)
            return language
        return attributes.checked(known, {name: text})[name]
    except (Refused, ValidationError) as error:
        raise Problem("value", name) from error


def find(code: str, plans: list[Plan]) -> tuple[dict[str, Visitor], dict[str, list[Visitor]]]:
    """The visitors, locked, by the keys of identities; and by addresses in small letters, each
    alone in a list, which is empty where several have the address."""
    own = theirs(code)
    emails = {plan.facts["email"].lower() for plan in plans if "email" in plan.facts}
    having = Visitor.objects.filter(own, email_key__in=emails).values_list("email_key")
    counted = {email: (n, one) for email, n, one in having.annotate(Count("pk"), Max("pk"))}
    keys = {plan.key for plan in plans} - {""}
    # One statement, in the order of ids: two imports do not wait for each other in a circle.
    ids = Visitor.objects.filter(own, identity_key__in=keys).values_list("pk", flat=True)
    wanted = {*ids, *(one for n, one in counted.values() if n == 1)}
    locked = Visitor.objects.select_for_update()
    rows = list(locked.filter(own, pk__in=wanted).order_by("pk"))
    by_key = {row.identity_key: row for row in rows if row.identity_key}
    by_email = {row.email_key: [row] for row in rows if counted.get(row.email_key, (0,))[0] == 1}
    return by_key, by_email | {email: [] for email, (n, _one) in counted.items() if n > 1}


def decide(
    plan: Plan,
    by_key: dict[str, Visitor],
    by_email: dict[str, list[Visitor]],
    seen: set[str],
) -> None:
    email = plan.facts.get("email", "").lower()
    plan.visitor = by_key.get(plan.key)
    if plan.visitor is None:
        found = by_email.get(email, [])
        if found and not (plan.key and found[0].identity_key):
            plan.visitor = found[0]
        elif not plan.key:
            raise Problem("several" if email in by_email else "unknown", "email")
    names = {plan.key, plan.visitor.uuid if plan.visitor else ""} - {""}
    if names & seen:
        raise Problem("twice", "identity" if plan.key else "email")
    seen |= names
    plan.values = changes(plan.visitor, plan.facts) if plan.visitor else first(plan)
    if plan.visitor is None:
        plan.what = What.CREATE
    else:
        plan.what = What.CHANGE if plan.values else What.NOTHING


def first(plan: Plan) -> Values:
    """What a new visitor has. The name is never empty."""
    given = {"name": plan.who, **plan.facts}
    found: Values = {name: [None, value] for name, value in given.items()}
    if email := plan.facts.get("email"):
        found["email"] = ["", email, ContactBy.UNKNOWN]
    return found


def changes(visitor: Visitor, facts: dict[str, Any]) -> Values:
    """What these facts change of a visitor."""
    now = {"name": visitor.label, "language": visitor.language}
    found: Values = {}
    for name, value in facts.items():
        if name == "email":
            found |= contact_of(visitor, value)
        elif (before := now.get(name) if name in FIXED else visitor.attributes.get(name)) != value:
            found[name] = [before, value]
    return found


def contact_of(visitor: Visitor, email: str) -> Values:
    """The contact with another address in place of the one that it has; a phone number stays."""
    former = first_address(visitor.contact)
    if email.lower() in (former.lower(), visitor.email.lower()):
        return {}
    rest = visitor.contact.replace(former, "", 1).strip(" ,;，；")
    contact = ", ".join(filter(None, [email, rest]))
    if len(contact) > MAX_NAME:
        raise Problem("value", "email")
    return {"email": [visitor.contact, contact, visitor.contact_by]}
