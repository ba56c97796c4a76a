"""Parts of pages that are made once in each language: they show nothing of a person."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from chat.templatetags.fixed import made

TEMPLATES = Path(settings.BASE_DIR) / "templates"
USE = re.compile(r'\{% fixed "([^"]+)"((?: \w+="[^"]*")*) %\}')
USES = sorted(set(USE.findall("".join(path.read_text() for path in TEMPLATES.rglob("*.html")))))


@pytest.mark.once
def test_every_use_is_with_words_that_stand_in_the_template_itself():
    tags = sum(path.read_text().count("{% fixed ") for path in TEMPLATES.rglob("*.html"))
    found = sum(len(USE.findall(path.read_text())) for path in TEMPLATES.rglob("*.html"))
    assert tags == found > 40


@pytest.mark.once
@pytest.mark.parametrize(("path", "words"), USES)
def test_a_part_is_complete_without_anything_of_the_page(path, words):
    given = dict(re.findall(r'(\w+)="([^"]*)"', words))
    for language in ("en", "zh-hans"):
        with translation.override(language):
            text = made(path, language, **given)
        assert text.strip() and "csrf" not in text and "None" not in text


@pytest.mark.django_db
def test_each_reader_gets_the_parts_in_their_own_language(enterprise):
    for _ in range(2):
        for language, word in (("en", "Sending…"), ("zh-CN", "发送中…")):
            page = Client().get("/chat/acme/", headers={"Accept-Language": language})
            assert f'<i data-key="sending">{word}</i>' in page.content.decode()
