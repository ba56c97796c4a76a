"""Rows of the audit in words: what they are about, and what was before and after."""

import re

import orjson
from django.apps import apps
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts import audit
from accounts.forms.hours import DAY_LABELS, format_spans
from accounts.models import AuditRow, Member
from accounts.sentences import listed

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", re.ASCII)
"""A time as rows have it."""
KINDS = {
    "visitor": gettext_lazy("visitor"),
    "conversation": gettext_lazy("conversation"),
    "customerlink": gettext_lazy("link of visitors"),
    "archive": gettext_lazy("archive"),
    "legalhold": gettext_lazy("legal hold"),
    "report": gettext_lazy("report"),
    "reportmail": gettext_lazy("reports by mail"),
    "demo": gettext_lazy("demo conversations"),
    "adoption": gettext_lazy("conversations from another system"),
    "customerimport": gettext_lazy("import of customers"),
    "assistantrehearsal": gettext_lazy("rehearsal of the assistant"),
    "auditrow": gettext_lazy("audit"),
    "recoverycode": gettext_lazy("recovery codes"),
    "membersession": gettext_lazy("session"),
    "accessattempt": gettext_lazy("count of failed sign-ins"),
    "accesslog": gettext_lazy("record of a sign-in"),
    "accessfailurelog": gettext_lazy("record of failed sign-ins"),
}
"""What rows are about besides the watched models."""
OTHERS = {"visitor": "Visitor", "legalhold": "LegalHold", "customerlink": "CustomerLink"}
"""The models of `chat` whose columns rows tell of although they are not watched."""
WORDS = {
    "group_id": gettext_lazy("conversation"),
    "customer": gettext_lazy("customer"),
    "state": gettext_lazy("presence"),
    "hours": gettext_lazy("working hours"),
    "holidays": gettext_lazy("holidays"),
    "zone": gettext_lazy("time zone"),
    "translations": gettext_lazy("translations"),
    "must_change_password": gettext_lazy("must change the password"),
    "identity_secret": gettext_lazy("secret for signed-in visitors"),
    "former_secret": gettext_lazy("former secret"),
    "former_until": gettext_lazy("former secret valid until"),
    "sealed": gettext_lazy("secret"),
    "settings": gettext_lazy("settings"),
    "test": gettext_lazy("test"),
    "data": gettext_lazy("public key"),
    "logo": gettext_lazy("logo"),
    "cover": gettext_lazy("cover picture"),
    "minute": gettext_lazy("minute"),
    "count": gettext_lazy("count"),
    "accounts": gettext_lazy("accounts"),
    "account": gettext_lazy("account"),
    "reason": gettext_lazy("reason"),
    "conversations": gettext_lazy("conversations"),
    "rows": gettext_lazy("rows"),
    "through": gettext_lazy("up to row"),
    "days": gettext_lazy("older than (days)"),
    "to_store": gettext_lazy("to be imported"),
    "to_undo": gettext_lazy("to be undone"),
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "undone": gettext_lazy("Undone"),
    "kept": gettext_lazy("Not undone, since changed"),
    "as": gettext_lazy("as"),
    "from": gettext_lazy("from"),
    "to": gettext_lazy("to"),
}
"""Columns without a name of their own, and details that are no columns."""


PLACES = {
    "live": gettext_lazy("live view"),
    "archive": gettext_lazy("archive"),
    "archive-export": gettext_lazy("archive: exports"),
    "customer-import": gettext_lazy("import of customers"),
    "assistant": gettext_lazy("AI assistant"),
    "embeddings": gettext_lazy("AI assistant"),
    "articles:": gettext_lazy("Knowledge"),
    "admin-articles:": gettext_lazy("Knowledge"),
    "channel": gettext_lazy("channels"),
    "robot": gettext_lazy("notifications"),
    "report": gettext_lazy("reports"),
    "conversation": gettext_lazy("workspace"),
    "canned-repl": gettext_lazy("workspace"),
    "team-question": gettext_lazy("workspace"),
    "file": gettext_lazy("workspace"),
    "online-switch": gettext_lazy("workspace"),
    "visitor": gettext_lazy("chat page"),
    "agent-log": gettext_lazy("sign-in"),
    "second-step": gettext_lazy("sign-in"),
    "passkey-login": gettext_lazy("sign-in"),
    "sign-in": gettext_lazy("sign-in"),
    "confirm": gettext_lazy("sign-in"),
    "security": gettext_lazy("sign-in"),
    "sso": gettext_lazy("single sign-on"),
    "directory": gettext_lazy("directory"),
    "webhook-gone": gettext_lazy("webhook"),
    "profile": gettext_lazy("profile"),
    "password": gettext_lazy("password"),
    "retention": gettext_lazy("retention"),
    "api:": gettext_lazy("API"),
    "admin:": gettext_lazy("administration"),
    "admin:log": gettext_lazy("sign-in"),
    "admin:password": gettext_lazy("password"),
    "admin:accounts_member_password": gettext_lazy("password"),
    "admin:accounts_enterprise_identity": gettext_lazy("signed-in visitors"),
}
"""Pages by what the names of their routes begin with; the longest counts."""
PAGES = {
    "add": gettext_lazy("%(name)s: new"),
    "change": gettext_lazy("%(name)s: form"),
    "changelist": gettext_lazy("%(name)s: list"),
    "delete": gettext_lazy("%(name)s: deletion"),
    "export": gettext_lazy("%(name)s: export"),
}
"""Pages of the administration about one kind of things."""


def watched_models() -> dict[str, type[Model]]:
    return {model._meta.model_name: model for model in audit.watched_models()}


def kind_names() -> dict[str, str]:
    return {kind: model._meta.verbose_name for kind, model in watched_models().items()} | KINDS


def place(source: str) -> str:
    """Where something was done: the name of a page for that of its route; commands as they are."""
    named = max((name for name in PLACES if source.startswith(name)), key=len, default="")
    kind, _separator, page = source.removeprefix("admin:").rpartition("_")
    name = kind_names().get(kind.rpartition("_")[2])
    if named == "admin:" and name:
        return PAGES.get(page, "%(name)s") % {"name": name}
    return str(PLACES[named]) if named else source


def called(words: str) -> tuple[list[str], list[str]]:
    """The kinds, and the columns, of whose names in the reader's language `words` are a part."""
    wanted = words.casefold()
    kinds = [kind for kind, name in kind_names().items() if wanted in str(name).casefold()]
    names = {
        field.name: field.verbose_name
        for model in watched_models().values()
        for field in model._meta.concrete_fields
    } | WORDS
    columns = [column for column, name in names.items() if wanted in str(name).casefold()]
    if any(wanted in str(day).casefold() for day in DAY_LABELS):
        columns.append("week")
    return kinds, columns


def what(row: AuditRow) -> str:
    """What the row is about, by name, or by the beginning of its id."""
    return " ".join(
        str(part)
        for part in (kind_names().get(row.kind, row.kind), row.object_name or row.object_id[:8])
        if part
    )


def details_of(row: AuditRow) -> dict:
    return orjson.loads(row.details) if row.details else {}


def summary(row: AuditRow) -> str:
    """The names of what changed, or the details in a line; "" for rows that came or went."""
    if row.details is None:
        return _("erased with the visitor")
    if row.action in (audit.Action.ADDED, audit.Action.DELETED):
        return ""
    found = details_of(row)
    changes = {*found.get("before", ()), *found.get("after", ()), *found.get("hidden", ())}
    if changes:
        return listed(sorted(str(label(row, name)) for name in changes))
    return listed(f"{label(row, name)}{colon()}{text(value)}" for name, value in found.items())


def lines(row: AuditRow) -> list[dict]:
    """For each column that changed its `name`, and the texts `before` and `after`; None where
    there was no value, or where it is secret."""
    found = details_of(row)
    before, after = found.pop("before", {}), found.pop("after", {})
    hidden = found.pop("hidden", ())
    names = sorted({*before, *after, *hidden})
    return [
        {
            "name": label(row, name),
            "hidden": name in hidden,
            "before": shown(row, name, before),
            "after": shown(row, name, after),
            "differences": differences(shown(row, name, before), shown(row, name, after)),
        }
        for name in names
    ] + [{"name": label(row, name), "after": text(value)} for name, value in found.items()]


def differences(before: str | None, after: str | None) -> list[list[tuple[str, bool]]]:
    """The lines of both texts, each with whether the other has none like it; [] where that tells
    nothing, as one is missing or has a single line."""
    texts = [(before or "").split("\n"), (after or "").split("\n")]
    if min(map(len, texts)) < 2:
        return []
    return [[(line, line not in other) for line in own] for own, other in (texts, reversed(texts))]


def column(row: AuditRow, name: str) -> Field | None:
    model = watched_models().get(row.kind)
    if model is None and row.kind in OTHERS:
        model = apps.get_model("chat", OTHERS[row.kind])
    fields = {one.name: one for one in model._meta.concrete_fields} if model else {}
    return fields.get(name)


def label(row: AuditRow, name: str) -> str:
    if name in WORDS and (row.kind, name) != ("article", "state"):
        return WORDS[name]
    field = column(row, name)
    return field.verbose_name if field else name


def shown(row: AuditRow, name: str, values: dict) -> str | None:
    if name not in values:
        return None
    field, value = column(row, name), values[name]
    if name == "second_factor_roles":
        return text([dict(Member.Role.choices).get(role, role) for role in value or ()])
    choices = dict(field.flatchoices) if field else {}
    return text(choices.get(value, value) if isinstance(value, str | int) else value)


def text(value: object) -> str:
    if value in (None, "", [], {}):
        return "–"
    match value:
        case True:
            return _("yes")
        case False:
            return _("no")
        case list():
            return listed(map(text, value))
        case {"week": week, **others}:
            return "\n".join([*days(week), text(others)])
        case dict():
            named = ((WORDS.get(name, name), text(one)) for name, one in value.items())
            return "\n".join(f"{name}{colon()}{one}" for name, one in named)
        case str() if MOMENT.fullmatch(value):
            return moment(value)
    return str(value)


def moment(value: str) -> str:
    """A time on the reader's clocks. People may have written what only looks like one."""
    try:
        return f"{timezone.localtime(parse_datetime(value)):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError):
        return value


def colon() -> str:
    return pgettext("after a label", ": ")


def days(week: list) -> list[str]:
    """The hours of a team as a manager writes them, a line for each day."""
    return [
        f"{day}{colon()}{format_spans(spans) or '–'}"
        for day, spans in zip(DAY_LABELS, week, strict=True)
    ]
