"""Forms in which secrets are entered: none has to be entered again because of another field."""

import pytest

pytestmark = pytest.mark.django_db
FORMS = {
    "/admin/assistant/model/": ("key", {"url": "ftp://x.example", "model": "m"}),
    "/admin/assistant/embeddings/": ("key", {"source": "endpoint", "url": "ftp://x.example"}),
    "/admin/channels/add/telegram/": ("token", {"team": "0"}),
    "/admin/notifications/add/slack/": ("url", {"causes": []}),
    "/admin/accounts/provider/add/": ("secret", {"name": ""}),
}
"""By place, the field of a secret, and what is wrong beside it."""


@pytest.mark.parametrize("place", FORMS)
def test_it_goes_along_sealed(root, enterprise, place):
    name, wrong = FORMS[place]
    answer = root.post(f"{place}?enterprise={enterprise.code}", {name: "hush-hush", **wrong})
    page = answer.content.decode()
    assert answer.status_code == 200 and "hush-hush" not in page
    assert f'name="{name}-kept" value="' in page
    assert f'name="{name}-kept"' not in root.get(answer.request["PATH_INFO"]).content.decode()
