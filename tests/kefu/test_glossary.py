"""Pages use the words of docs/glossary.md, in Chinese as in English."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
GLOSSARY = ROOT / "docs" / "glossary.md"
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ENTRY = re.compile(
    r'^msgid ((?:".*"\s)+)(?:msgid_plural ((?:".*"\s)+))?msgstr(?:\[0\])? ((?:".*"\s?)+)', re.M
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

EXCEPTIONS = {
    ("administration", "%(app)s administration"): "Django's title of an app's page",
    ("agent", "User Agent"): "the header of a browser",
    ("channel", "back-channel logout"): "a word of OpenID Connect",
    ("message", "Before the first message"): "what is asked then, as a section of the settings",
    ("visitor", "answers visitors"): "a mode of the assistant, beside drafts and off",
    ("word token", "As programs, tokens"): "the tokens of signed visitors",
    ("waiting", "Waiting: no connection"): "a message, not a visitor",
    **{
        ("channel", part): "a channel of Slack or Teams"
        for part in (
            "Slack channel",
            "of a channel",
            "Incoming Webhooks",
            "•••",
            "alerts to a channel",
        )
    },
    ("webhook", "Incoming Webhooks"): "a page of Slack's",
    ("webhook", "Send webhook alerts"): "a template of Microsoft's",
    ("alert", "Send webhook alerts"): "the same",
}
"""(term, part of the English text): why its Chinese has another word."""


def rows() -> list[tuple[str, list[str], list[str]]]:
    """Of each row: the term, its Chinese words, and the English words for it on pages."""
    found = []
    for line in GLOSSARY.read_text().splitlines():
        row = line.strip("| ")
        if line.count("|") >= 4 and not row.startswith(("term", "---")):
            term, chinese, english, *_ = (cell.strip() for cell in row.split("|"))
            found.append(
                (term, chinese.split("、"), [word for word in english.split(", ") if word])
            )
    return found


def texts() -> list[tuple[str, str]]:
    """English and Chinese of each entry of the catalogue, a plural beside its singular."""
    found = []
    for entry in ENTRY.finditer(CATALOGUE.read_text()):
        one, many, chinese = ("".join(re.findall(r'"(.*)"', part or "")) for part in entry.groups())
        if one:
            found.append((f"{one} | {many}" if many else one, chinese))
    return found


WORDS = {word: (term, chinese) for term, chinese, english in rows() for word in english}
LONGEST_FIRST = re.compile(
    r"\b(" + "|".join(map(re.escape, sorted(WORDS, key=len, reverse=True))) + r")s?\b", re.I
)
"""A longer word counts alone: the "quick question" is no "question"."""
KNOWN = {word.lower(): word for word in WORDS}


def used() -> list[tuple[str, str, str]]:
    """Each word of the glossary in each text: the word, the English and the Chinese text."""
    return [
        (KNOWN[match[1].lower()], english, chinese)
        for english, chinese in texts()
        for match in LONGEST_FIRST.finditer(PLACEHOLDER.sub(" ", english))
    ]


def test_each_term_stands_once_and_has_all_that_a_row_needs():
    terms = [term for term, _, _ in rows()]
    assert len(terms) == len(set(terms)) > 80
    assert len(WORDS) == sum(len(english) for _, _, english in rows()), "a word in two rows"
    assert all(re.search(r"[\u4e00-\u9fff]", word) for _, words, _ in rows() for word in words)


def test_each_word_that_is_marked_as_one_of_pages_stands_on_one():
    assert set(WORDS) == {word for word, _, _ in used()}


def test_wherever_a_word_stands_its_chinese_is_the_glossarys():
    wrong = []
    for word, english, chinese in used():
        term, allowed = WORDS[word]
        excused = any(term == key and part in english for key, part in EXCEPTIONS)
        if not excused and not any(one in chinese for one in allowed):
            wrong.append(f"{term}: “{english}” is “{chinese}”, without {'、'.join(allowed)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("term", "part"), EXCEPTIONS)
def test_each_exception_is_needed(term, part):
    """If this fails the text has changed: take the exception out."""
    allowed = {name: words for name, words, _ in rows()}[term]
    assert [
        english
        for word, english, chinese in used()
        if WORDS[word][0] == term and part in english and not any(one in chinese for one in allowed)
    ]


def test_each_table_and_column_that_the_glossary_names_is_there():
    tables = {model._meta.db_table: model for model in apps.get_models()}
    columns = {f"{table}.{f.name}" for table, model in tables.items() for f in model._meta.fields}
    text = GLOSSARY.read_text()
    where = " ".join(
        line.rpartition(" | ")[2] for line in text.splitlines() if line.count("|") >= 4
    )
    named = set(re.findall(r"`(\w+)`", where))
    assert len(named) > 30 and named <= set(tables)
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", text)) <= columns
