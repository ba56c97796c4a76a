"""The routes as the URLconf has them, the people who try them, and what one try comes to."""

import re
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

PEOPLE = (
    *("anonymous", "visitor", "alice", "carol", "leader", "supervisor", "analyst", "manager"),
    *("outsider", "other_manager", "superuser"),
)
"""alice and the leader of the team sit in the group, carol is an agent of the same enterprise
outside of it; the last but one two are of another enterprise."""

UNTOLD = {"django_session", "presence", "django_admin_log", "audit_row", "audit_head"}
"""Tables that a look at a page may change: session expiry and presence; the admin's log, and the
audit, which notes who read or exported what."""


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a text file beside this one, each as {column: value}.

    The first line that is no comment names the columns; two spaces or more stand between values.
    """
    lines = (Path(__file__).parent / name).read_text().splitlines()
    rows = [re.split(" {2,}", line) for line in lines if not line.startswith("#")]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def routes(resolver=None, prefix="", namespace=""):
    """(name, pattern) of every address; those without a name are called by their pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from routes(pattern, path, namespace + inner)
        else:
            yield f"{namespace}{pattern.name or path}", path


@cache
def questions() -> list[tuple]:
    """A table's name and what asks for its rows, made once: they are asked thousands of times."""
    models = [model for model in apps.get_models() if model._meta.db_table not in UNTOLD]
    return [
        (model._meta.db_table, *model._base_manager.values_list().query.sql_with_params())
        for model in models
    ]


def stored() -> dict:
    """Every row of every table, but for those that a look may change."""
    found = {}
    with connection.cursor() as cursor:
        for table, sql, parameters in questions():
            cursor.execute(sql, parameters)
            found[table] = cursor.fetchall()
    return found


class Writes:
    """Whether a statement that may change something was run: most looks run none."""

    seen = False

    def __call__(self, execute, sql, parameters, many, context):
        if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK TO")):
            self.seen = True
        return execute(sql, parameters, many, context)


def attempt(cookies, before: dict, method: str, path: str, form: dict) -> tuple[object, bool]:
    """What a request comes to: a status, or for a redirect `login`, `home` (the admin's index, as
    for rows that are not there) or `on`; and whether what was `stored` before is changed. All
    of it is undone."""
    browser = Client()
    browser.cookies.update(cookies)
    writes = Writes()
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            answer = browser.post(path, form) if method == "POST" else browser.generic(method, path)
        changed = writes.seen and stored() != before
        transaction.set_rollback(True)
    if answer.status_code not in (301, 302):
        return answer.status_code, changed
    place = answer["Location"].partition("?")[0]
    if place in ("/agent/login/", "/admin/login/") and not path.startswith("/agent/logout"):
        return "login", changed
    return ("home" if place == "/admin/" else "on"), changed
