"""The filters in SQL: conditions on a conversation `c`, each with its parameters.

Each asks for one conversation at a time, by an index on its id: so the walk decides how many are
looked at, and no planner does. LIMIT 1 keeps MariaDB from turning a subquery into a join that would
begin with another table.
"""

import json
from datetime import datetime

from django.db import connection

from chat.ledger.threads import MESSAGE, NOTE
from chat.reading.search import like_condition, message_condition

from .question import PAGE, SCORES, Asked

Condition = tuple[str, list]

STATE_SQL = {
    "open": "c.open = 1 AND c.quarantined_since IS NULL",
    "waiting": "c.open = 1 AND c.waiting_since IS NOT NULL AND c.quarantined_since IS NULL",
    "closed": "c.open = 0",
    "quarantined": "c.quarantined_since IS NOT NULL",
}
RECEPTIONS = "reception r WHERE r.group_id = c.uuid AND +r.ent_id = +c.ent_id"
MESSAGES = "group_message m WHERE m.group_id = c.uuid AND +m.ent_id = +c.ent_id"
VISITOR = "visitor v WHERE v.uuid = c.visitor_id AND +v.ent_id = +c.ent_id"
RATED = (
    f"(SELECT r.{{column}} FROM {RECEPTIONS} AND r.score IS NOT NULL ORDER BY r.id DESC LIMIT 1)"
)
"""A column of the newest rating."""


def of(asked: Asked) -> list[Condition]:
    """All conditions; those that cost least come first."""
    fields, found = asked.fields, []
    if asked.begin:
        # Before any message was written on these days; it also ends the walk.
        found.append(("c.last_activity >= %s", [adapt(asked.begin)]))
    if asked.team:
        found.append(("c.team_id = %s", [asked.team.pk]))
    if "state" in fields:
        found.append((STATE_SQL[fields["state"]], []))
    if "channel" in fields:
        kind = fields["channel"]
        found.append(("c.channel = %s", ["" if kind == PAGE else kind]))
    if "topic" in fields:
        found.append(("c.topic = %s", [fields["topic"]]))
    if asked.tag:
        sql = "SELECT 1 FROM conversation_tag ct WHERE ct.conversation_id = c.uuid AND ct.tag_id"
        found.append((f"EXISTS ({sql} = %s LIMIT 1)", [asked.tag]))
    if "rating" in fields:
        found.append(rating(fields["rating"]))
    found += [with_value(key, value) for key, value in asked.attributes]
    found += of_visitor(asked)
    if (asked.begin or asked.end) and "q" not in fields:
        found.append(served(asked))
    if asked.member:
        found.append(served_by(asked.member))
    if "q" in fields:
        found.append(said(asked))
    return found


def rating(wanted: str) -> Condition:
    if wanted in SCORES:
        return f"{RATED.format(column='score')} = %s", [int(wanted)]
    if wanted == "comment":
        return f"{RATED.format(column='comment')} <> ''", []
    return f"{RATED.format(column='score')} IS NULL", []


def with_value(key: str, value: str) -> Condition:
    sql = "SELECT 1 FROM visitor_attribute a WHERE a.visitor_id = c.visitor_id"
    return f"EXISTS ({sql} AND +a.ent_id = +c.ent_id AND a.key = %s AND a.value = %s LIMIT 1)", [
        key,
        value,
    ]


def of_visitor(asked: Asked) -> list[Condition]:
    """Name or contact, and the pages on which the visitor wrote first, was, or from which they
    came."""
    found = []
    if terms := asked.terms("visitor"):
        found.append(either(("v.label", "v.contact"), [terms, terms]))
    if terms := asked.terms("page"):
        path, stored = path_as_text(terms)
        there, values = either(("v.referrer", path), [terms, stored])
        here, own = like_condition("c.page", terms)
        found.append((f"({here} OR {there})", [*own, *values]))
    return found


def path_as_text(terms: list[str]) -> tuple[str, list[str]]:
    """The pages of a visitor `v` as SQL, and the terms as they are spelt there: JSON in ASCII.
    MySQL keeps JSON in a form of its own, and shows it without escapes of letters."""
    own = connection.vendor == "mysql" and not connection.mysql_is_mariadb
    spelt = [json.dumps(term, ensure_ascii=not own)[1:-1] for term in terms]
    return "CAST(v.path AS CHAR)" if own else "v.path", spelt


def either(columns: tuple[str, ...], terms: list[list[str]]) -> Condition:
    parts = [like_condition(*pair) for pair in zip(columns, terms, strict=True)]
    sql = " OR ".join(f"({part})" for part, _values in parts)
    values = [value for _part, own in parts for value in own]
    return (
        f"EXISTS (SELECT 1 FROM {VISITOR} AND ({sql}) LIMIT 1)",
        values,
    )


def served(asked: Asked) -> Condition:
    """A reception was open on one of the days; one that still is, until its last activity."""
    sql, values = (
        f"SELECT 1 FROM {RECEPTIONS}",
        [],
    )
    if asked.end:
        sql, values = f"{sql} AND r.opened_at < %s", [*values, adapt(asked.end)]
    if asked.begin:
        sql += " AND COALESCE(r.closed_at, c.last_activity) >= %s"
        values = [*values, adapt(asked.begin)]
    return f"EXISTS ({sql} LIMIT 1)", values


def served_by(member: str) -> Condition:
    """The member holds the claim or held it last, or has written to the visitor."""
    wrote = f"SELECT 1 FROM {MESSAGES} AND m.sender = %s AND m.message_type = {MESSAGE} LIMIT 1"
    return f"(c.claimed_by = %s OR c.last_held_by = %s OR EXISTS ({wrote}))", [member] * 3


def said(asked: Asked) -> Condition:
    """A message or a note has the text, in itself or in its file's name; with a period, one that
    was written in it. Or the visitor's name has it; with a period, of one who was served in it."""
    sql, values = hit(asked)
    named, own = either(("v.label",), [asked.terms("q")])
    if asked.begin or asked.end:
        during, times = served(asked)
        named, own = f"({named} AND {during})", [*own, *times]
    said_so = f"EXISTS (SELECT 1 FROM {MESSAGES} AND {sql} LIMIT 1)"
    return f"({named} OR {said_so})", [*own, *values]


def hit(asked: Asked) -> Condition:
    """The condition on a message `m` for having the text."""
    sql, values = f"m.message_type IN ({MESSAGE}, {NOTE})", []
    for sign, moment in ((">=", asked.begin), ("<", asked.end)):
        if moment:
            sql, values = f"{sql} AND m.created_at {sign} %s", [*values, adapt(moment)]
    found, spelt = message_condition(asked.terms("q"))
    return f"{sql} AND {found}", [*values, *spelt]


def adapt(moment: datetime) -> object:
    """A moment as this database compares it."""
    return connection.ops.adapt_datetimefield_value(moment)
