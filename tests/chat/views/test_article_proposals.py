"""The editor with a text that somebody proposes: shown, and stored by nobody but a person."""

import pytest

from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import Article

pytestmark = pytest.mark.django_db


def test_a_proposal_is_shown_in_the_editor_and_not_stored(manager, client):
    client.force_login(manager)
    articles.put(manager.enterprise, "lid", "en", Text("Broken lids", "Send a photo."))
    form = {"action": "begin", "title": "Cups", "lang": "en", "body": "Cups <b>too</b>."}
    shown = client.post("/admin/articles/new/", form).content.decode()
    assert 'value="Cups"' in shown and "Cups &lt;b&gt;too&lt;/b&gt;." in shown
    shown = client.post("/admin/articles/lid/en/", form).content.decode()
    assert 'value="Broken lids"' in shown and "Send a photo.\n\nCups &lt;b&gt;" in shown
    row = Article.objects.get()
    assert (row.body, row.draft) == ("Send a photo.", None)
