"""How often a set of questions finds its articles: `manage.py knowledge_evaluate`.

The set is a folder with articles as files (`SLUG.LANG.md`) and `questions.csv` with the columns
question, lang, slugs (separated by spaces; none where no article answers it) and kind.
"""

import csv
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from accounts.models import Enterprise
from chat.knowledge import articles, files, nearest, search

PATIENCE = 5.0
"""Seconds for the vector of a question."""


@dataclass(slots=True)
class Figures:
    """Of the questions of one kind, for how many the first article found is a right one, one of
    the first three, and one of those suggested; where none is right, how many find any."""

    questions: int = 0
    first: int = 0
    among_three: int = 0
    suggested: int = 0


def evaluate(
    folder: Path, prepare: Callable[[Enterprise], None] | None = None
) -> dict[str, Figures]:
    """The figures by kind, once `prepare` has done something to the enterprise that has the
    articles. Raises OSError and ValueError for what is no such folder."""
    figures: dict[str, Figures] = {}
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        questions = [*csv.DictReader(file)]
    with filled(folder) as enterprise:
        if prepare:
            prepare(enterprise)
        for row in questions:
            nearest.prepare(enterprise.code, row["question"], PATIENCE)
            if prepare and not nearest.knows(enterprise.code, row["question"]):
                raise ValueError(f"no vector came in time: {row['question']}")
            right = {*row["slugs"].split()}
            found = search.best(enterprise, row["question"])
            slugs = [*dict.fromkeys(article.slug for article, _score in found)]
            shown = [one["slug"] for one in search.suggestions(enterprise, row["question"])]
            kind = figures.setdefault(row["kind"], Figures())
            kind.questions += 1
            kind.first += is_right(slugs[:1], right)
            kind.among_three += is_right(slugs[:3], right)
            kind.suggested += is_right(shown, right)
    return figures


def is_right(found: list[str], right: set[str]) -> bool:
    return bool(right.intersection(found) if right else found)


@contextmanager
def filled(folder: Path) -> Iterator[Enterprise]:
    """An enterprise with the folder's articles, which is gone afterwards. MariaDB and MySQL find
    only what is committed, so that it is really there meanwhile."""
    code = f"evaluation-{uuid.uuid4().hex[:8]}"
    with transaction.atomic(durable=True):
        enterprise = Enterprise.objects.create(code=code, name=code)
        try:
            for path in sorted(folder.glob("*.md")):
                add(enterprise, path)
            if connection.vendor == "sqlite":
                yield enterprise
        finally:
            transaction.set_rollback(connection.vendor == "sqlite")
    if connection.vendor != "sqlite":
        try:
            yield enterprise
        finally:
            enterprise.delete()


def add(enterprise: Enterprise, path: Path) -> None:
    name = files.NAME.fullmatch(path.name)
    if name is None:
        raise ValueError(f"{path.name} is no article")
    try:
        text, state = files.parse(files.read(path, path.parent, files.MAX_BYTES))
    except files.Bad as error:
        raise ValueError(f"{path.name} is no article: {error}") from error
    articles.put(enterprise, name[1], name[2], text, state)
