"""Files sent as messages."""

import json

from django.conf import settings

from tests.chat.helpers import JSON
from tests.chat.sample_files import picture, upload


def send(browser, name="shot.png", body=None, **fields):
    form = {"file": upload(name, picture() if body is None else body), **fields}
    return browser.post(browser.place, form, **JSON)


def sent(browser, *args, **fields) -> dict:
    """The attachment of a message that was just stored."""
    response = send(browser, *args, **fields)
    assert response.status_code == 200, response.content
    return json.loads(response.content)["attachment"]


def stored() -> list[str]:
    return sorted(path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
