"""Refuses what a request has and its operation does not read: a misspelt name, or the first of two
values, would change nothing, and nobody would learn why."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Annotated, get_args, get_origin

from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import Schema
from ninja.params.models import Form, Param, Query

from chat.protocol.errors import Refused

from .bodies import parse


def refuse_unknown(operation: Callable[..., HttpResponse]):
    """Decorates an operation: refuses (bad_field) what its query or its form has besides the fields
    of their schemas, or has twice, and any field of a JSON body that it does not read. Those of
    JSON bodies which it reads are compared by their schemas."""
    known, of_form, reads_body = read_by(operation)

    @wraps(operation)
    def checked(request: HttpRequest, **values) -> HttpResponse:
        refuse_first(set(request.GET) - known, "query parameter")
        refuse_doubles(request.GET)
        if of_form:
            refuse_first(set(request.POST) - of_form, "field in the form")
            refuse_doubles(request.POST)
            refuse_doubles(request.FILES)
        if not reads_body and request.content_type == "application/json" and request.body:
            refuse_first(set(parse(request.body)), "field in the body")
        return operation(request, **values)

    return checked


def read_by(operation: Callable) -> tuple[set[str], set[str], bool]:
    """The names in the query and in the form that an operation reads, and whether it reads a
    body."""
    known: set[str] = set()
    of_form: set[str] = set()
    reads_body = False
    for parameter in signature(operation).parameters.values():
        hint = parameter.annotation
        if get_origin(hint) is Annotated:
            kind, source = get_args(hint)[:2]
            if isinstance(source, Query):
                known |= {field.alias or name for name, field in kind.model_fields.items()}
            elif isinstance(source, Param):
                reads_body = True
                if isinstance(source, Form):
                    of_form |= {field.alias or name for name, field in kind.model_fields.items()}
        elif isinstance(hint, type) and issubclass(hint, Schema):
            reads_body = True
    return known, of_form, reads_body


def refuse_first(names: set[str], what: str) -> None:
    for name in sorted(names):
        raise Refused("bad_field", f"There is no {what} {name}.", field=name)


def refuse_doubles(given: MultiValueDict) -> None:
    for name, values in given.lists():
        if len(values) > 1:
            raise Refused("bad_field", f"{name} is given twice.", field=name)
