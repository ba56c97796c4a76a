"""Notes each change of a watched model by itself: whatever page, form, command or shell saves or
deletes one of its rows. Updates past the rows (`QuerySet.update`) are not seen; only columns that
are not watched may be changed so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models import Field, Model
from django.db.models.signals import post_save, pre_delete, pre_save

from accounts import models as own

from . import sign_ins
from .chains import INSTALLATION, Action
from .notes import note

EMPTY = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Watched:
    """How a model is watched; see `watch`."""

    chain: Callable[[Model], int]
    name: str
    fields: tuple[Field, ...]
    secrets: frozenset[str]
    private: str
    unless: Callable[[Model, set[str]], bool]


models: dict[type[Model], Watched] = {}


def watched_models() -> list[type[Model]]:
    return list(models)


def listen() -> None:
    """Watches this app's models and the sign-ins; called once, when the app is ready."""
    watch(
        own.Enterprise,
        chain=lambda row: row.pk,
        name="code",
        ignored={"created_at", "widget_seen_at", "mailed_at", "mail_failed_at"},
        secrets={"identity_secret", "former_secret"},
    )
    watch(own.Team, chain=by_enterprise, name="slug", ignored={"reminded_at", "left_mailed_at"})
    watch(
        own.Member,
        chain=sign_ins.chain_of_member,
        name="name",
        ignored={
            *("created_at", "updated_at", "last_login", "link_sent_at", "uuid"),
            # What members do at work or choose for themselves.
            *("online_status", "busy", "offline_since", "missed_offers", "given_at"),
            *("inbox_view", "inbox_team", "inbox_sort", "opens_next", "language"),
        },
        secrets={"password"},
        unless=is_rehash,
    )
    watch(
        own.AccessToken,
        chain=lambda row: sign_ins.chain_of_member(row.member),
        name="member.name",
        ignored={"created_at", "last_used_at"},
        secrets={"digest"},
    )
    watch(
        own.AuthenticatorApp,
        chain=lambda row: sign_ins.chain_of_member(row.member),
        name="member.name",
        ignored={"member", "last_step", "wrong", "created_at"},
        secrets={"sealed"},
    )
    watch(
        own.Passkey,
        chain=lambda row: sign_ins.chain_of_member(row.member),
        name="member.name",
        ignored={"member", "key", "sign_count", "created_at", "used_at"},
        secrets={"data"},
    )
    watch(
        own.Provider, chain=by_enterprise, name="name", ignored={"checked_at"}, secrets={"sealed"}
    )
    watch(
        own.ProviderAccount,
        chain=lambda row: sign_ins.chain_of_member(row.member),
        name="member.name",
        ignored={"member", "key", "created_at"},
    )
    watch(
        own.Assistant,
        chain=by_enterprise,
        name="member.name",
        ignored={"refused", "test", "tested_at"},
        secrets={"sealed"},
    )
    watch(
        own.Embeddings,
        chain=by_enterprise,
        name="enterprise.code",
        ignored={"lease", "leased_until", "failure", "failed_at"},
        secrets={"sealed"},
    )
    watch(own.TeamMember, chain=by_team, name="member.name")
    watch(own.Topic, chain=by_team, name="label")
    watch(own.GreetingRule, chain=by_enterprise, name="text")
    watch(own.Attribute, chain=by_enterprise, name="key")
    user_logged_in.connect(sign_ins.signed_in)
    user_login_failed.connect(sign_ins.failed)


def watch(
    model: type[Model],
    chain: Callable[[Model], int],
    name: str,
    ignored: set[str] = frozenset(),
    secrets: set[str] = frozenset(),
    private: str = "",
    unless: Callable[[Model, set[str]], bool] = lambda row, names: False,
) -> None:
    """Has every stored change of this model noted.

    `chain` gives a row's enterprise, `name` is the attribute that names a row. Columns in
    `ignored` are no settings; of those in `secrets` a change is noted without the value. Rows in
    which the column `private` is set are nobody else's business. `unless` tells, by the row and
    the names of the columns to be saved, what is no change.
    """
    skipped = {"id", *ignored}
    fields = tuple(one for one in model._meta.concrete_fields if one.name not in skipped)
    models[model] = Watched(chain, name, fields, frozenset(secrets), private, unless)
    pre_save.connect(remember, sender=model)
    post_save.connect(saved, sender=model)
    pre_delete.connect(deleted, sender=model)


def by_enterprise(row: Model) -> int:
    return row.enterprise_id


def by_team(row: Model) -> int:
    return row.team.enterprise_id


def is_rehash(member: own.Member, names: set[str]) -> bool:
    """Whether the same password gets another hash, as Django does at a sign-in."""
    return names == {"password"} and member._password is None


def remember(sender, instance: Model, raw: bool, update_fields, **kwargs) -> None:
    """Keeps what is stored before the row is saved."""
    how = models[sender]
    names = {one.name for one in how.fields}
    if update_fields is not None:
        names &= set(update_fields)
    instance._audited = None
    if raw or not names or how.unless(instance, names):
        return
    before = {}
    if not instance._state.adding:
        stored = sender._base_manager.filter(pk=instance.pk).first()
        before = values_of(stored) if stored else {}
    instance._audited = names, before


def saved(sender, instance: Model, created: bool, **kwargs) -> None:
    if instance._audited is None:
        return
    (names, before), instance._audited = instance._audited, None
    after = {name: value for name, value in values_of(instance).items() if name in names}
    was, now = is_shared(sender, before), is_shared(sender, after if created else before | after)
    if created or not was:
        if now:
            note_change(Action.ADDED, instance, {}, filled(after))
        return
    if not now:
        note_change(Action.DELETED, instance, filled(before), {})
        return
    changed = {name for name in after if after[name] != before.get(name)}
    if changed:
        parts = ({name: values.get(name) for name in changed} for values in (before, after))
        note_change(Action.CHANGED, instance, *parts)


def deleted(sender, instance: Model, **kwargs) -> None:
    before = values_of(instance)
    if is_shared(sender, before):
        note_change(Action.DELETED, instance, filled(before), {})


def values_of(row: Model) -> dict:
    """The watched columns of a row, as they come back from the database."""
    fields = models[type(row)].fields
    return {one.name: one.to_python(getattr(row, one.attname)) for one in fields}


def filled(values: dict) -> dict:
    return {name: value for name, value in values.items() if value not in EMPTY}


def is_shared(model: type[Model], values: dict) -> bool:
    private = models[model].private
    return not private or values.get(private) is None


def note_change(action: str, row: Model, before: dict, after: dict) -> None:
    how = models[type(row)]
    details = {
        "before": shown(type(row), before),
        "after": shown(type(row), after),
        "hidden": sorted(how.secrets & (before.keys() | after.keys())),
    }
    note(
        action,
        how.chain(row) or INSTALLATION,
        kind=row._meta.model_name,
        object_id=str(row.pk),
        object_name=name_of(row),
        details={name: values for name, values in details.items() if values},
    )


def name_of(row: Model) -> str:
    """The name of a row of a watched model."""
    value = row
    for part in models[type(row)].name.split("."):
        value = getattr(value, part)
    return str(value)


def shown(model: type[Model], values: dict) -> dict:
    """Values without the secret ones; references by the name of the row."""
    secrets = models[model].secrets
    return {
        name: reference(model._meta.get_field(name), value)
        for name, value in values.items()
        if name not in secrets
    }


def reference(field: Field, value: object) -> object:
    if value is None or not field.is_relation or field.related_model not in models:
        return value
    row = field.related_model._base_manager.filter(pk=value).first()
    return name_of(row) if row else value
