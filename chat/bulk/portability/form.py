"""What the file looks like, for who writes it and who reads it."""

import base64
import re

from django.db import models

FORMAT, VERSION = "kefu-enterprise", 1
MANIFEST, FILES = "manifest.json", "files.jsonl"
STORED = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{32}(\.small)?|avatars/[0-9a-f]{32}\.(png|webp)")
"""The places of files below MEDIA_ROOT, in the file likewise."""
AVATAR = re.compile(r"[0-9a-f]{32}\.(?:png|webp)")
ROWS = 500
"""Rows that are in memory at a time."""


class Unusable(Exception):
    """The file, or this installation, is not what is needed; the text says what is wrong."""


def columns_of(model: type[models.Model]) -> list[models.Field]:
    """The columns that are stored; not those that the database computes."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def written(value: object) -> object:
    """What orjson does not know: bytes as base64."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    raise TypeError(f"{type(value)} cannot be written")


def read(field: models.Field, value: object) -> object:
    """The value of a column, as `written` by the other side."""
    if value is None or isinstance(field, models.JSONField):
        return value
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.CharField | models.TextField) and not isinstance(value, str):
        raise ValueError(f"{field.name} is a text")
    return target.to_python(value)
