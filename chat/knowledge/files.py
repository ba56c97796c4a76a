"""Articles as files: `SLUG.LANG.md` with front matter, and their pictures in `files/`
(docs/knowledge.md). What an export writes, an import takes without changing anything."""

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.files import File
from django.utils.translation import gettext_noop as _

from accounts import audit
from accounts.audit import Origin
from accounts.models import Enterprise
from chat.files import storage
from chat.files.uploaded import MAX_SIZE
from chat.models import Article
from chat.models.knowledge import SLUG
from chat.protocol import fields
from chat.protocol.errors import Refused

from . import articles, markup, pictures
from .articles import DRAFT, LANGUAGES, PUBLISHED, Text

NAME = re.compile(rf"({SLUG})\.({'|'.join(LANGUAGES)})\.md")
KEYS = ("title", "category", "audience", "state")
MAX_BYTES = 5 * articles.MAX_BODY
"""Of a text: a letter has at most four bytes in UTF-8, and the front matter needs some."""


class Bad(Exception):
    """A file that cannot be imported: an English sentence that says why, which pages translate,
    and its values."""

    def __init__(self, words: str, **values: str | int):
        super().__init__(words % values)
        self.words, self.values = words, values


def load(
    enterprise: Enterprise, folder: Path, origin: Origin, report: Callable[[str, Exception], None]
) -> Counter[str]:
    """Puts the texts of a folder, and the pictures that they name. Returns how many were `added`,
    `changed`, `unchanged`, and `bad`: of these `report` gets the name and a Bad, Refused or
    OSError. Raises OSError if there is no such folder."""
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for path in sorted(folder.iterdir()):
        name = NAME.fullmatch(path.name)
        if name is None:
            continue
        try:
            text, state = parse(read(path, folder, MAX_BYTES))
            for picture in sorted(markup.pictures(markup.tree(text.body)) - seen):
                seen.add(picture)
                load_picture(enterprise, folder, picture, counts, report)
            with audit.recording(origin):
                counts[articles.put(enterprise, name[1], name[2], text, state)] += 1
        except (Bad, Refused, OSError) as error:
            counts["bad"] += 1
            report(path.name, error)
    return counts


def load_picture(
    enterprise: Enterprise,
    folder: Path,
    name: str,
    counts: Counter[str],
    report: Callable[[str, Exception], None],
) -> None:
    """Stores a picture of files/; one that is not there stays missing."""
    path = folder / "files" / name
    try:
        if not path.exists():
            return
        check(path, folder, MAX_SIZE)
        with path.open("rb") as file:
            pictures.store(enterprise, File(file, name), name)
    except (Bad, Refused, OSError) as error:
        counts["bad"] += 1
        report(f"files/{name}", error)


def reason(error: Exception) -> str:
    return error.detail if isinstance(error, Refused) else str(error)


def read(path: Path, folder: Path, most: int) -> str:
    check(path, folder, most)
    try:
        return fields.normalise_newlines(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Bad(_("It is not UTF-8.")) from error


def check(path: Path, folder: Path, most: int) -> None:
    """Raises Bad for what is no file of the folder, or too large to be read."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Bad(_("It leads out of the folder."))
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Bad(_("It is no file."))
    if found.st_size > most:
        raise Bad(_("It has more than %(most)s bytes."), most=f"{most:,}")


def parse(content: str) -> tuple[Text, str]:
    """The text and its state. Raises Bad for front matter that is missing, or has a line that is no
    `key: value` of a key known here."""
    first, *lines = content.split("\n")
    ends = [at for at, line in enumerate(lines) if line.rstrip() == "---"]
    if first.rstrip() != "---" or not ends:
        raise Bad(_("It has no front matter: ---, lines `key: value`, ---."))
    end = ends[0]
    values: dict[str, str] = {}
    for line in filter(str.strip, lines[:end]):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in KEYS or key in values:
            words = _("Its front matter has an unknown or repeated line: %(line)s")
            raise Bad(words, line=line[:80])
        values[key] = value
    state = values.pop("state", PUBLISHED)
    return Text(**{"title": ""} | values, body="\n".join(lines[end + 1 :])), state


def save(enterprise: Enterprise, folder: Path, origin: Origin) -> Counter[str]:
    """Writes all articles of an enterprise and the pictures that they name, over those that are
    there. How many `texts` and `pictures`. Raises OSError."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    for name, content in contents(enterprise, origin):
        write(folder / name, content)
        counts["pictures" if "/" in name else "texts"] += 1
    return counts


def contents(enterprise: Enterprise, origin: Origin) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each file: published texts as published, drafts with their
    state. The audit has that they leave."""
    rows = articles.of(enterprise).order_by("slug", "lang")
    about = {"kind": "article", "details": {"count": rows.count()}}
    audit.note(audit.Action.EXPORTED, enterprise.pk, origin, **about)
    seen: set[str] = set()
    for row in rows.iterator():
        named = pictures.by_name(enterprise.code, markup.pictures(markup.tree(row.body)))
        row.body = pictures.with_file_names(row.body, named.values())
        yield f"{row.slug}.{row.lang}.md", content_of(row).encode()
        for name in named.keys() - seen:
            content = storage.read(named[name].key, small=False)
            if content is not None:
                yield f"files/{pictures.file_name(named[name])}", content
        seen |= named.keys()


def content_of(row: Article) -> str:
    """The file of an article as its readers have it. Keys whose value goes without saying are left
    out."""
    head = {
        "title": row.title,
        "category": row.category,
        "audience": "" if row.audience == Article.Audience.PUBLIC else row.audience,
        "state": DRAFT if row.state == DRAFT else "",
    }
    lines = ["---", *(f"{key}: {value}" for key, value in head.items() if value), "---"]
    return "\n".join([*lines, row.body, ""] if row.body else [*lines, ""])


def write(path: Path, content: bytes) -> None:
    """Writes a file as a whole; a link in its place is replaced, not followed."""
    beside = path.with_name(".part")  # Its own name may be as long as there are.
    beside.unlink(missing_ok=True)
    with beside.open("xb") as file:
        file.write(content)
    os.replace(beside, path)
