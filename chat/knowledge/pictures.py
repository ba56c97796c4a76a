"""Pictures of articles: drawn anew, stored beside all other files (chat/files/storage.py), named in
texts as `files/NAME`, and removed when no text has named them for a day."""

import re
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Enterprise
from chat.files import kinds, storage
from chat.files.pictures import redraw
from chat.files.uploaded import check_size, digest_of
from chat.models import ArticlePicture, ArticleRevision, any_of
from chat.protocol.errors import Refused

from . import articles

SPECIAL = re.compile(r"[\s\[\]()<>%#?&]+")
"""What means something in Markdown or in an address."""
LOOKED_AT_AFTER = timedelta(days=1)
UNNAMED_AFTER = timedelta(days=2)
"""The ages at which it is looked whether a text names a picture, and at which it is removed: each
look that finds one makes the picture young again, so that one stays for a day after the last."""


def store(enterprise: Enterprise, upload: File, name: str = "") -> ArticlePicture:
    """Stores a picture. With a `name` it has that one, in place of any other picture; without, the
    same picture is stored once, and the name is made of the upload's. Refuses what is no PNG, JPEG,
    WebP or GIF, and as `redraw` does."""
    check_size(upload.size or 0)
    digest = digest_of(upload)
    own = ArticlePicture.objects.filter(enterprise=enterprise)
    found = own.filter(name=name).first() if name else own.filter(digest=digest).first()
    if found and is_same(found, digest):
        # The text that is to name it may not be stored yet.
        own.filter(pk=found.pk).update(stored_at=timezone.now())
        return found
    file: Any = upload
    file.seek(0)
    kind = kinds.by_signature(file.read(64))
    if kind is None or not kind.picture:
        raise Refused("bad_kind", "This is no PNG, JPEG, WebP or GIF.")
    if name and (name != kinds.safe_name(name, kind) or (found and found.name != name)):
        raise Refused("bad_field", f"A picture cannot have the name {name}.", field="name")
    drawn = redraw(file, {"member": f"articles of {enterprise.pk}"})
    row = ArticlePicture(
        enterprise=enterprise,
        name=name or SPECIAL.sub("-", kinds.safe_name(upload.name or "", drawn.kind)),
        content_type=drawn.kind.mime,
        size=len(drawn.content),
        width=drawn.width,
        height=drawn.height,
        digest=digest,
    )
    insert(row)
    storage.store_content(row, drawn.content, None)
    if found and name:
        storage.delete([found])
        row.name = name
        row.save(update_fields=["name"])
    articles.show_anew(enterprise, names(row))
    return row


def is_same(row: ArticlePicture, digest: str) -> bool:
    """Whether a file is the one that a picture was drawn from, or what was drawn."""
    content = storage.read(row.key, small=False)
    return content is not None and digest in (row.digest, sha256(content).hexdigest())


def insert(row: ArticlePicture) -> None:
    """Stores the row, with a suffix in its name where another one has it."""
    stem, _dot, ending = row.name.rpartition(".")
    for is_last in (False, False, True):
        row.key = storage.new_key()
        try:
            with transaction.atomic():
                row.save(force_insert=True)
            return
        except IntegrityError:
            if is_last:
                raise
            row.name = with_key(stem, row.key, ending)


def with_key(stem: str, key: str, ending: str) -> str:
    return f"{kinds.shortened(stem, 12)}-{key[:6]}.{ending}"


def by_name(code: str, names: set[str]) -> dict[str, ArticlePicture]:
    """The pictures of an enterprise that have these names."""
    if not names:
        return {}
    found = ArticlePicture.objects.filter(enterprise__code=code, name__in=names)
    return {row.name: row for row in found}


def by_key(code: str, key: str) -> ArticlePicture | None:
    """The picture with this key, if its enterprise has this code and is open."""
    if not storage.KEY.match(key):
        return None
    rows = ArticlePicture.objects.select_related("enterprise")
    found = rows.filter(key=key, enterprise__code=code).first()
    return found if found and found.enterprise.is_open else None


def sweep(after: int) -> int:
    """Removes the next picture above the id `after` if no text has named it for a day; the id to
    continue from, 0 at the end. One at a time, since all texts of its enterprise are searched."""
    now = timezone.now()
    old = ArticlePicture.objects.filter(pk__gt=after, stored_at__lt=now - LOOKED_AT_AFTER)
    row = old.select_related("enterprise").order_by("pk").first()
    if row is None:
        return 0
    if is_named(row):
        ArticlePicture.objects.filter(pk=row.pk).update(stored_at=now)
    elif row.stored_at < now - UNNAMED_AFTER:
        storage.delete([row])
    return row.pk


def is_named(row: ArticlePicture) -> bool:
    """Whether a text, a draft or a revision of its enterprise names a picture."""
    texts = articles.of(row.enterprise).filter(names(row) | names(row, "draft__body__icontains"))
    revisions = ArticleRevision.objects.filter(names(row), enterprise=row.enterprise)
    return texts.exists() or revisions.exists()


def names(row: ArticlePicture, lookup: str = "body__contains") -> Q:
    """The condition for a text that names a picture, in any spelling."""
    return any_of(Q(**{lookup: f"files/{spelling}"}) for spelling in set(spellings(row.name)))


def spellings(name: str) -> list[str]:
    return [name, name.replace(" ", "%20"), quote(name)]


def file_name(row: ArticlePicture) -> str:
    """What its file is called: names from before there was a limit fit into no file system."""
    stem, _dot, ending = row.name.rpartition(".")
    fits = len(row.name.encode()) <= kinds.MAX_BYTES
    return row.name if fits else with_key(stem, row.key, ending)


def with_file_names(body: str, rows: Iterable[ArticlePicture]) -> str:
    """A text that names these pictures as their files are called."""
    for row in rows:
        for former, name in zip(spellings(row.name), spellings(file_name(row)), strict=True):
            body = body.replace(f"files/{former}", f"files/{name}")
    return body
