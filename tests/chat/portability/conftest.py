"""An enterprise with something in most tables."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import setup, tokens
from accounts.models import AccessToken, Team
from chat.files import storage
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.models import Article, ArticlePicture, ArticleUse, Webhook
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from tests.chat.helpers import JSON, act_of, draft_of, new_guest


@pytest.fixture
def busy(enterprise, team, alice, bob, manager, guest, group, visitor):
    """An enterprise with something in most tables."""
    upload = SimpleUploadedFile("a.txt", "text of a 文件".encode(), "text/plain")
    visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    batches.post(draft_of(alice, group, "hello 👋"))
    batches.post(draft_of(bob, group, "a note", note=True, mentions=(alice.uuid,)))
    batches.do(act_of("tag", alice.uuid, group, tag="urgent"))
    batches.do(VisitorAction("hold", manager.uuid, group, reason="case 7"))
    batches.do(act_of("close", alice.uuid, group))
    sales = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(bob, sales)
    Team.objects.filter(pk=team.pk).update(overflow=sales)
    other = new_guest(team)
    batches.post(other.draft("somebody else"))
    token = AccessToken(member=tokens.service_account(enterprise, "crm"), name="crm")
    tokens.issue(token)
    Webhook.objects.create(enterprise=enterprise, url="https://x.example/", secret="s")
    counting.settle([group])
    write_article(enterprise, alice, guest)
    return enterprise


def write_article(enterprise, member, guest) -> None:
    """An article with a draft over it, a picture, and one who has read it."""
    articles.put(enterprise, "tea", "en", Text("Tea", "![pot](files/pot.png)"))
    articles.save(enterprise, "tea", "en", Text("Better tea"), member, version=1)
    facts = {"content_type": "image/png", "size": 3, "width": 1, "height": 1, "digest": "d" * 64}
    picture = ArticlePicture(enterprise=enterprise, name="pot.png", key=storage.new_key(), **facts)
    picture.save()
    path = storage.file_path(picture.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"pot")
    row = Article.objects.get()
    used = {"kind": "opened", "slug": "tea", "lang": "en", "reader": guest.uuid}
    ArticleUse.objects.create(enterprise=enterprise, article=row, **used)
