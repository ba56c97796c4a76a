"""Folded templates: they render what Django's own would, and what is the same for all once."""

from datetime import datetime, timezone

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine
from django.templatetags.i18n import TranslateNode
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

LOCAL = "django.template.loaders.locmem.Loader"
SOURCES = [
    "{{ a }}|{{ a.b }}|{{ a.b.c }}|{{ a.0 }}|{{ a.nothing }}|{{ nothing }}|{{ a|default:'-' }}",
    "{% if a.b and not a.c or a == 1 %}x{% elif a in all %}y{% elif nothing.at %}z{% endif %}",
    "{% load i18n %}{% translate 'Close' %}{{ a }}{% translate 'Save' %}{% autoescape off %}"
    "{{ a }}{% translate 'Save' %}<{% url 'workspace' %}>{% endautoescape %}",
    "{% load i18n %}{% for one in all %}{% translate 'Save' as word %}{{ word }}{{ one }}"
    "{% blocktranslate with name=a %}{{ name }} joined{% endblocktranslate %}{% endfor %}",
    "{% load i18n %}{% translate 'Close' context a.where %}{% if a.b %}x{% endif %}{{ a.b.c }}"
    "{% blocktranslate context a.where %}Close{% endblocktranslate %}{{ a.c }}{{ a.items }}",
    "{% load fixed static %}{% fixed 'chat/_icon.html' name='up' %}{% static 'img/icon.svg' %}",
]


class Row:
    where, items = "conversation", "<b>"

    @property
    def b(self):
        raise ObjectDoesNotExist  # Templates show nothing for it.

    def c(self):
        return "<called>"


VALUES = [
    Row(),
    *("<b>", SafeString("<b>"), 1234567, 1.5, None, True, [3], gettext_lazy("Close")),
    *(
        {"b": {"c": "<i>"}},
        {"b": "", "c": 1},
        lambda: "called",
        datetime(2026, 1, 2, tzinfo=timezone.utc),
    ),
]


def engines(sources: dict[str, str]) -> list[Engine]:
    names = {"i18n": "django.templatetags.i18n", "static": "django.templatetags.static"}
    names["fixed"] = "chat.templatetags.fixed"
    loaders = [[("kefu.folding.Loader", [(LOCAL, sources)])], [(LOCAL, sources)]]
    return [Engine(loaders=one, libraries=names) for one in loaders]


@pytest.mark.once
@pytest.mark.parametrize("source", SOURCES)
def test_a_folded_template_renders_what_django_would(source):
    folded, plain = (engine.get_template("a") for engine in engines({"a": source}))
    for _again in range(2):
        for language in ("en", "zh-hans"):
            for value in VALUES:
                given = {"a": value, "all": ["<b>", 1]}
                with translation.override(language):
                    assert folded.render(Context(given)) == plain.render(Context(given)), value


@pytest.mark.once
def test_a_text_is_translated_once_in_each_language(monkeypatch):
    calls, render = [], TranslateNode.render
    monkeypatch.setattr(TranslateNode, "render", lambda *asked: calls.append(1) or render(*asked))
    sources = {"a": "{% load i18n %}{% for one in all %}<p>{% translate 'Save' %}</p>{% endfor %}"}
    folded = engines(sources)[0].get_template("a")
    for language, word in (("en", "Save"), ("zh-hans", "保存"), ("en", "Save")):
        with translation.override(language):
            assert folded.render(Context({"all": "123"})) == f"<p>{word}</p>" * 3
    assert len(calls) == 2
