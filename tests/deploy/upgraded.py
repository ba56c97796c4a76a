"""What is done in an installation by `manage.py shell` of its own version: this file may import
nothing that one version alone has."""

import hashlib
import json

from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

HOST = {"host": "localhost"}
TEXT = "汉 😀 ' \\ %s"
DOORS = {"admin": "/admin/login/", "manager": "/agent/login/", "alice": "/agent/login/"}


def fill(password: str) -> None:
    """A row in every table that is empty. Prints the cookies of a visitor who writes TEXT, and of
    each account."""
    left = apps.get_models()
    while left := [model for model in left if not model._base_manager.exists()]:
        for model in left:
            fields = [field for field in model._meta.concrete_fields if is_needed(field)]
            links = [field for field in fields if field.is_relation and not field.null]
            if all(others(field).exists() for field in links):
                made = model(**{field.name: value(field) for field in fields})
                model._base_manager.bulk_create([made])
    clients = {name: Client(headers=HOST) for name in ("visitor", *DOORS)}
    clients["visitor"].get("/chat/demo/")
    clients["visitor"].post("/chat/demo/messages/", {"content": TEXT})
    for account, door in DOORS.items():
        clients[account].post(door, {"username": account, "password": password})
    jars = {name: client.cookies.items() for name, client in clients.items()}
    print(json.dumps({name: {key: one.value for key, one in jar} for name, jar in jars.items()}))


def is_needed(field) -> bool:
    made = field.generated or isinstance(field, models.AutoField)
    return not made and (field.is_relation or not (field.null or field.has_default()))


def others(field):
    """The rows that a relation may refer to."""
    used = field.model._base_manager.values(field.attname) if field.unique else []
    rows = field.remote_field.model._base_manager.order_by("pk")
    return rows.exclude(**{f"{field.target_field.name}__in": used})


def value(field):
    """Something for a field without a default."""
    if field.is_relation:
        return others(field).last()  # Not the superuser: who has two steps cannot sign in here.
    if field.choices:
        return next(word for word, _label in field.flatchoices if word)
    if isinstance(field, models.CharField | models.TextField):
        return "demo" if field.name == "ent_id" else TEXT[: field.max_length]
    kinds = {"DateTimeField": timezone.now(), "DateField": timezone.localdate()}
    kinds |= {"JSONField": {}, "BinaryField": b"\x00\xff'"}
    return kinds.get(field.get_internal_type(), 7)


def rows() -> None:
    """Prints {table: {column: digest of its values}}; "" is the number of rows."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f"SELECT * FROM {table} ORDER BY {key or 1}")
            names, lines = [column[0] for column in cursor.description], cursor.fetchall()
            found[table] = {"": len(lines)}
            for name, values in zip(names, zip(*lines, strict=True), strict=False):
                found[table][name] = hashlib.sha256(repr(values).encode()).hexdigest()
    print(json.dumps(found))


def pages(cookies: dict) -> None:
    """Opens pages as each of the people whom `fill` has printed; prints [address, status]."""
    clients = {name: Client(headers=HOST) for name in cookies}
    for name, jar in cookies.items():
        clients[name].cookies.load(jar)
    assert escape(TEXT) in clients["visitor"].get("/chat/demo/").content.decode()
    groups = apps.get_model("chat", "Conversation").objects.values_list("uuid", flat=True)
    looked = [("visitor", "/chat/demo/privacy/"), ("alice", "/agent/"), ("manager", "/agent/")]
    looked += [("manager", f"/agent/c/{group}/") for group in groups[::20]]
    for model in admin.site._registry:
        place = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        first = model._base_manager.first()
        looked.append(("admin", reverse(f"{place}_changelist")))
        looked += [("admin", reverse(f"{place}_change", args=[first.pk]))] if first else []
    print(json.dumps([(place, clients[who].get(place).status_code) for who, place in looked]))
