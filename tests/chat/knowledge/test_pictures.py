"""Pictures of articles: what is stored, who sees it, and when it is removed."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from chat.files import kinds, storage
from chat.knowledge import articles, pictures
from chat.knowledge.articles import Text
from chat.models import ArticlePicture
from chat.protocol.errors import Refused
from tests.chat.sample_files import HTML, PLACE, SVG, animation, huge, photograph, picture, upload

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_anybody_sees_a_picture_of_an_open_enterprise(enterprise, other_enterprise):
    row = pictures.store(enterprise, upload("屏幕 (1).jpg", photograph()))
    assert (row.name, row.width, row.height) == ("屏幕-1-.jpg", 40, 60)
    answer = Client().get(f"/help/acme/files/{row.key}/")
    assert Image.open(io.BytesIO(answer.content)).size == (40, 60) and PLACE not in answer.content
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert not answer.cookies and "Cookie" not in answer.get("Vary", "")
    for path in (f"umbrella/files/{row.key}", f"acme/files/{row.key.upper()}", "acme/files/a"):
        assert Client().get(f"/help/{path}/").status_code == 404
    enterprise.status = enterprise.Status.CLOSED
    enterprise.save()
    assert Client().get(f"/help/acme/files/{row.key}/").status_code == 404


def test_the_same_picture_is_stored_once_and_another_gets_another_name(
    enterprise, other_enterprise
):
    content = picture()
    first = pictures.store(enterprise, upload("a.png", content))
    assert pictures.store(enterprise, upload("b.png", content)) == first
    assert re.fullmatch(
        r"a-\w{6}\.png", pictures.store(enterprise, upload("a.png", picture())).name
    )
    assert pictures.store(other_enterprise, upload("a.png", content)).name == "a.png"
    for _ in range(2):
        long = pictures.store(enterprise, upload(f"{'茶' * 90}.png", picture())).name
        assert kinds.safe_name(long, kinds.PNG) == long, "another installation takes it"
    drawn = storage.read(first.key, small=False)
    assert pictures.store(enterprise, upload("a.png", drawn), "a.png") == first
    articles.put(enterprise, "tea", "en", Text("Tea", "![](files/a.png)"))
    before = articles.of(enterprise).get().updated_at
    new = pictures.store(enterprise, upload("x.png", picture()), "a.png")
    assert (new.name, storage.read(first.key, small=False)) == ("a.png", None)
    assert articles.of(enterprise).get().updated_at > before


@pytest.mark.parametrize(
    ("content", "name"),
    [
        *((content, "") for content in (b"", SVG, HTML, b"%PDF-1.7", b"\x89PNG\r\n\x1a\nx")),
        *((content, "") for content in (huge(2**31 - 1, 2**31 - 1), b"\xff\xd8\xff" * 4_000_000)),
        *((picture(), name) for name in ("../a.png", "a/b.png", ".png", "a.jpg", "a\x00.png")),
    ],
    ids=range(12),
)
def test_what_is_no_picture_is_refused_and_nothing_is_stored(enterprise, content, name):
    with pytest.raises(Refused):
        pictures.store(enterprise, upload("a.png", content), name)
    assert not ArticlePicture.objects.exists()


def test_a_picture_that_nothing_names_goes_after_a_day(enterprise, other_enterprise, alice):
    names = ("text.png", "draft.png", "former.png", "a b.png", "no.png", "new.png")
    rows = {
        name: ArticlePicture.objects.create(
            enterprise=enterprise, name=name, key=storage.new_key(), size=1, width=1, height=1
        )
        for name in names
    }

    def put(body):
        articles.put(enterprise, "tea", "en", Text("Tea", body))

    put("![](files/former.png)")
    put("![](files/text.png) ![](files/a%20b.png)")
    articles.put(other_enterprise, "tea", "en", Text("Tea", "![](files/no.png)"))
    version = articles.of(enterprise).get().version
    articles.save(enterprise, "tea", "en", Text("Tea", "![](files/draft.png)"), alice, version)
    old = timezone.now() - timedelta(days=3)
    ArticlePicture.objects.exclude(name="new.png").update(stored_at=old)

    def sweep():
        after = pictures.sweep(0)
        while after:
            after = pictures.sweep(after)
        return set(ArticlePicture.objects.values_list("name", flat=True))

    assert sweep() == set(names) - {"no.png"}
    articles.remove(enterprise, "tea", "en")
    assert sweep() == set(names) - {"no.png"}, "they were named a moment ago"
    ArticlePicture.objects.filter(pk=rows["text.png"].pk).update(stored_at=old)
    assert "text.png" not in sweep()


def test_a_picture_that_is_uploaded_again_is_there_until_a_text_names_it(enterprise):
    content, old = picture(), timezone.now() - timedelta(days=3)
    for name in ("", "a.png"):
        row = pictures.store(enterprise, upload("a.png", content), name)
        ArticlePicture.objects.update(stored_at=old)
        assert pictures.store(enterprise, upload("a.png", content), name) == row
        pictures.sweep(0)
        assert ArticlePicture.objects.exists()


def test_an_animation_goes_on_moving(enterprise):
    row = pictures.store(enterprise, upload("cat.gif", animation()), "cat.gif")
    assert (row.name, row.content_type) == ("cat.gif", "image/webp")
