"""Reads an enterprise into an installation that does not know it.

All rows are one transaction, so either all of it is there or nothing. Files lie in a folder of
their own until everything is stored, and get their second name before the commit. Whatever ended
before the commit is cleared away by the next import of the same enterprise.
"""

import fcntl
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DataError, Error, IntegrityError, connection, transaction
from django.db.models import AutoField, BigAutoField, ForeignKey, Max, Model

from accounts import audit
from accounts.models import AccessToken, Assistant, AuditHead, Enterprise, Member
from chat.knowledge import articles, index
from chat.models import Article

from . import chain, checks, form, reader
from .form import FILES, ROWS, STORED, Unusable, columns_of
from .tables import TABLES, Moves, Table

MARGIN = 1_000
"""Keys left free for rows that others add before theirs are reserved."""

HIGHEST = 2**62
"""Of keys after the import, where the database would take higher ones."""


def load(path: Path) -> dict[str, int]:
    """Reads the file into this installation; returns the number of rows by table, and of `files`.
    Raises Unusable, and then nothing has changed."""
    with reader.opened(path) as (archive, manifest), alone(manifest["code"]) as folder:
        code = manifest["code"]
        if Enterprise.objects.filter(code=code).exists():
            # Left by an import whose process did not see that it was committed.
            clear(folder, keep=True)
            raise Unusable(f"There is an enterprise {code} here already.")
        clear(folder)
        moves = moves_of(manifest["tables"])
        reserve(moves, manifest["tables"])
        committing = False
        try:
            files = unpack(archive, manifest["files"], folder)
            with transaction.atomic():
                load_tables(archive, manifest, moves)
                place(folder, files)
                committing = True
        except (IntegrityError, DataError) as error:
            clear(folder)
            raise Unusable(f"Something of it is here already, or does not fit: {error}") from error
        except BaseException as error:
            stored = committing and was_stored(code)
            clear(folder, keep=stored)
            # A connection that broke during the commit does not undo it.
            if not (stored and isinstance(error, Error)):
                raise
        clear(folder, keep=True)
    counts = {name: told["rows"] for name, told in manifest["tables"].items()}
    return counts | {"files": manifest["files"]["rows"]}


@contextmanager
def alone(code: str) -> Iterator[Path]:
    """The folder of an import, which clears away what another one has there. Raises Unusable while
    another one is under way."""
    folder = Path(settings.MEDIA_ROOT) / "importing" / code
    path = folder.with_name(f"{code}.lock")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Where that one has just ended, its lock is held by nobody and in no folder.
            held = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except (BlockingIOError, FileNotFoundError):
            held = False
        if not held:
            raise Unusable(f"{code} is being imported by another process.")
        try:
            yield folder
        finally:
            path.unlink()
            with suppress(OSError):  # Another enterprise's is under way.
                folder.parent.rmdir()


def was_stored(code: str) -> bool:
    """Whether a commit that was not seen to end has stored the enterprise, asked on a new
    connection. One that is still under way at the server is waited for, by the lock of the row.
    Raises Unusable if the database cannot be asked."""
    try:
        connection.close()
        with transaction.atomic():
            return Enterprise.objects.select_for_update().filter(code=code).first() is not None
    except Error as error:
        raise Unusable(
            f"The database broke off while {code} was committed, and cannot be asked whether it is"
            " here. Its files are kept. Run the import again once the database is there."
        ) from error


def clear(folder: Path, keep: bool = False) -> None:
    """Removes the files of an import below `folder`; those of one that was not committed under
    both names."""
    for source in [] if keep else folder.rglob("*"):
        target = target_of(folder, source)
        if source.is_file() and target.exists() and target.samefile(source):
            target.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def target_of(folder: Path, source: Path) -> Path:
    return Path(settings.MEDIA_ROOT) / source.relative_to(folder)


def is_counted(model: type[Model]) -> bool:
    """Whether the database gives its rows their keys."""
    return isinstance(model._meta.pk, AutoField | BigAutoField)


def moves_of(told: dict[str, dict]) -> Moves:
    """By how much the keys of each table grow: 0 where none of them is taken."""
    moves = {}
    for table in TABLES:
        model = table.model
        about = told.get(model._meta.db_table, {})
        first, last = about.get("first"), about.get("last")
        if not is_counted(model) or first is last is None:
            moves[model] = 0
            continue
        if not (type(first) is type(last) is int and 0 < first <= last <= highest_of(model)):
            raise Unusable(f"The keys of {model._meta.db_table} cannot be these.")
        # An enterprise's number is that of its audit, also of one that is gone.
        sources = [model, AuditHead] if model is Enterprise else [model]
        taken = any(
            source._base_manager.filter(pk__gte=first, pk__lte=last).exists() for source in sources
        )
        highest = (each._base_manager.aggregate(most=Max("pk"))["most"] for each in sources)
        most = max(one or 0 for one in highest)
        moves[model] = most + MARGIN + 1 - first if taken else 0
        if last + moves[model] > highest_of(model):
            raise Unusable(f"The keys of {model._meta.db_table} are too high.")
    return moves


def highest_of(model: type[Model]) -> int:
    """The highest key that rows may have after the import: others need some above it."""
    _least, most = connection.ops.integer_field_range(model._meta.pk.get_internal_type())
    return min(HIGHEST, (most or 2**63) - MARGIN)


def reserve(moves: Moves, told: dict[str, dict]) -> None:
    """Has rows that others add meanwhile get keys above those of the import. On SQLite nobody adds
    any meanwhile."""
    if connection.vendor != "mysql" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        for model, by in moves.items():
            if last := told.get(model._meta.db_table, {}).get("last"):
                if is_counted(model):
                    name = connection.ops.quote_name(model._meta.db_table)
                    cursor.execute(f"ALTER TABLE {name} AUTO_INCREMENT = {last + by + 1:d}")


def unpack(archive: zipfile.ZipFile, told: dict, folder: Path) -> list[Path]:
    """Writes the files below `folder`, and returns them."""
    done = []
    for line in reader.lines_of(archive, FILES, told):
        name = line.get("name")
        if not isinstance(name, str) or not STORED.fullmatch(name):
            raise Unusable(f"{name!r:.100} is no file of an enterprise.")
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write_file(archive, name, path, line)
        except (KeyError, FileExistsError) as error:
            raise Unusable(f"{name} is missing, or there twice.") from error
        done.append(path)
    return done


def write_file(archive: zipfile.ZipFile, name: str, path: Path, told: dict) -> None:
    digest = reader.hashlib.sha256()
    with archive.open(name) as entry, path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        while part := entry.read(reader.PART):
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != told.get("sha256"):
        raise Unusable(f"{name} is not what was written.")


def place(folder: Path, files: list[Path]) -> None:
    """Gives the files their names. One that is there already with another content is somebody
    else's."""
    for source in files:
        target = target_of(folder, source)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileExistsError as error:
            if target.read_bytes() != source.read_bytes():
                raise Unusable(f"{target.name} is here already.") from error


def load_tables(archive: zipfile.ZipFile, manifest: dict, moves: Moves) -> None:
    enterprise = Enterprise(code=manifest["code"])
    for table in TABLES:
        told = manifest["tables"].get(table.model._meta.db_table)
        if told is None:
            continue
        load_table(archive, table, told, moves, enterprise)
        if table.model is Enterprise:
            enterprise = Enterprise.objects.filter(code=enterprise.code).first()
        if enterprise is None or enterprise.pk is None:
            raise Unusable("The enterprise itself is not in it.")
        there = table.model._base_manager.filter(table.rows(enterprise)).count()
        if there != told["rows"]:
            raise Unusable(f"Rows of {table.model._meta.db_table} are not this enterprise's.")
    for article in articles.readable(enterprise, Article.Audience.INTERNAL).iterator():
        index.put(article)
    chain.renumber(enterprise.pk, enterprise.pk - moves[Enterprise])
    about = {"kind": "enterprise", "object_id": str(enterprise.pk), "object_name": enterprise.code}
    audit.note(audit.Action.ADDED, enterprise.pk, details={"from": manifest["made_at"]}, **about)
    # Whoever wrote the file would speak as a machine that names its sources.
    machines = Assistant.objects.filter(enterprise=enterprise).values("member")
    AccessToken.objects.filter(member__in=machines).delete()


def load_table(
    archive: zipfile.ZipFile, table: Table, told: dict, moves: Moves, enterprise: Enterprise
) -> None:
    fields = columns_of(table.model)
    known = {field.attname for field in fields}
    name = f"tables/{table.model._meta.db_table}.jsonl"
    # A row may refer to one of its own table that comes later.
    later = [
        field.attname
        for field in fields
        if isinstance(field, ForeignKey) and field.related_model is table.model
    ]
    batch, referring = [], []
    for number, row in enumerate(reader.lines_of(archive, name, told), 1):
        if strange := row.keys() - known:
            raise Unusable(f"This version of Kefu does not know {min(strange)} of {name}.")
        try:
            made = row_of(table, fields, row, moves)
        except (TypeError, ValueError, AttributeError, ValidationError) as error:
            raise Unusable(f"Line {number} of {name} cannot be read: {error}") from error
        if row.get("ent_id", enterprise.code) != enterprise.code:
            raise Unusable(f"Line {number} of {name} is not this enterprise's.")
        referring += [(number, made.pk, at, value) for at in later if (value := getattr(made, at))]
        for at in later:
            setattr(made, at, None)
        batch.append((number, made))
        if len(batch) == ROWS:
            store(table, fields, batch, enterprise)
            batch = []
    store(table, fields, batch, enterprise)
    values = {value for *_row, value in referring}
    own = checks.own_of(table.model, "pk", values, enterprise)
    for number, pk, at, value in referring:
        if value not in own:
            raise checks.strange(table, number, at)
        table.model._base_manager.filter(pk=pk).update(**{at: value})


def row_of(table: Table, fields: list, row: dict, moves: Moves) -> Model:
    """A row as it is stored here. Columns that the file does not know have their defaults."""
    values = {}
    for field in fields:
        at = field.attname
        if at in table.fixed:
            values[at] = table.fixed[at]
        elif at not in row:
            values[at] = field.get_default()
        else:
            values[at] = moved(table, field, form.read(field, row[at]), moves)
    return table.model(**values)


def moved(table: Table, field, value: object, moves: Moves) -> object:
    if field.attname in table.moved:
        return table.moved[field.attname](value, moves)
    if value is None:
        return None
    if field.attname in table.keys:
        return value + moves[table.keys[field.attname]]
    if field.is_relation:
        by_key = field.target_field.primary_key and is_counted(field.related_model)
        return value + moves[field.related_model] if by_key else value
    return value + moves[table.model] if field.primary_key and is_counted(table.model) else value


def store(table: Table, fields: list, lines: checks.Lines, enterprise: Enterprise) -> None:
    """Adds rows as they are, once they are checked: no column gets the present time, no signal is
    sent."""
    checks.check(table, lines, enterprise)
    rows = [row for _number, row in lines]
    if table.model is Member:
        taken = Member.objects.filter(name__in=[row.name for row in rows])
        if names := sorted(taken.values_list("name", flat=True)):
            raise Unusable(f"Accounts that are taken here: {', '.join(names[:20])}.")
    size = max(1, connection.ops.bulk_batch_size(fields, rows)) if rows else 1
    for start in range(0, len(rows), size):
        table.model._base_manager.all()._insert(
            rows[start : start + size], fields=fields, using=DEFAULT_DB_ALIAS, raw=True
        )
