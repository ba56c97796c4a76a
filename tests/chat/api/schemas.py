"""The OpenAPI document, and what does not fit it."""

import orjson
from jsonschema import Draft202012Validator

from chat.api import urls

DOCUMENT = orjson.loads(urls.document())


def faults(value, schema: dict) -> list:
    validator = Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return list(validator.iter_errors(value))
