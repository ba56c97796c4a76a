"""Another MySQL or MariaDB, of which nothing is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import chain
from urllib.parse import parse_qs, unquote, urlsplit

PAIRS = 500
"""Texts compared by one statement, two and two."""
YEARS = 15
"""Older than most of what is imported."""


class CannotAdopt(Exception):
    """Why it cannot be imported, in a sentence for whoever runs the command."""


class Database:
    """A connection by which only SELECT is sent, in transactions that may not write."""

    def __init__(self, url: str):
        try:
            import MySQLdb
            from MySQLdb.cursors import SSCursor
        except ImportError as error:
            raise CannotAdopt(
                "mysqlclient is not installed: pip install -r requirements/production.txt"
            ) from error
        self.error, self.streaming = MySQLdb.Error, SSCursor
        options = connect_options(url)
        self.name = options["database"]
        try:
            self.connection = MySQLdb.connect(**options)
        except MySQLdb.Error as error:
            raise CannotAdopt(f"Their database cannot be reached: {error.args[-1]}") from error
        # Without the modes that refuse zero dates, which are read as no date.
        self.run("SET SESSION sql_mode = ''")
        self.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.run("SET SESSION TRANSACTION READ ONLY")
        self.connection.commit()

    def run(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str, *values) -> list[tuple]:
        """`values` take the places of %s; a list takes that of one as (…, …)."""
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        marks = [
            f"({','.join(['%s'] * len(value))})" if isinstance(value, list) else "%s"
            for value in values
        ]
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("%s", "{}").format(*marks), flat)
            return list(cursor.fetchall())

    def stream(self, sql: str, *values) -> Iterator[tuple]:
        """The same for an answer of any length, of which a few rows are held at a time. Nothing
        else may be asked meanwhile."""
        with self.connection.cursor(self.streaming) as cursor:
            cursor.execute(sql, values)
            while row := cursor.fetchone():
                yield row

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is asked within it is answered as of one moment, where their tables can."""
        self.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            yield
        finally:
            self.connection.rollback()

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table in lower case, each with its character set; {} for no table."""
        found = self.rows(
            "SELECT column_name, character_set_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = %s",
            table,
        )
        return {name.lower(): charset or "" for name, charset in found}

    def collation(self, table: str, column: str) -> str:
        """By which rules a column compares texts; "" for none, which is byte by byte."""
        found = self.rows(
            "SELECT collation_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s",
            table,
            column,
        )
        return found[0][0] or ""

    def alike(self, collation: str, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those pairs of different texts that are equal by these rules."""
        if not collation:
            return []
        text = f"CONVERT(%s USING {collation.partition('_')[0]}) COLLATE {collation}"
        found = []
        for start in range(0, len(pairs), PAIRS):
            part = pairs[start : start + PAIRS]
            sql = f"SELECT {', '.join([f'{text} = {text}'] * len(part))}"
            (answers,) = self.rows(sql, *chain.from_iterable(part))
            found += [pair for pair, is_one in zip(part, answers, strict=True) if is_one]
        return found

    def seconds_ahead(self) -> set[int]:
        """How far its clock is ahead of UTC: more than one answer where it changes, in a year or
        in one of the last YEARS."""
        year = datetime.now().year
        known = [
            int(datetime(year - n, month, 1, tzinfo=timezone.utc).timestamp())
            for n in range(YEARS)
            for month in (1, 7)
        ]
        one = "TIMESTAMPDIFF(SECOND, '1970-01-01', FROM_UNIXTIME(%s)) - %s"
        (found,) = self.rows(
            f"SELECT {', '.join([one] * len(known))}", *(moment for moment in known for _ in "ab")
        )
        return set(found)

    def close(self) -> None:
        self.connection.close()


def connect_options(url: str) -> dict:
    """What mysql://user:password@host:port/name says, or with ?unix_socket=/path."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CannotAdopt(
            "The address cannot be read; in a password write %40 for @, %23 for #, %2F for /."
        ) from error
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme != "mysql" or not name or "/" in name:
        raise CannotAdopt("The address must look like mysql://user:password@host:3306/name.")
    socket = parse_qs(parts.query).get("unix_socket")
    return {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": name,
        "charset": "utf8mb4",
        "connect_timeout": 10,
        **(
            {"unix_socket": socket[0]} if socket else {"host": parts.hostname, "port": port or 3306}
        ),
    }
