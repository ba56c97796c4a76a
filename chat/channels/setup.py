"""Adds, changes, tests and switches the channels of an enterprise."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings as installation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Enterprise, Team
from chat.models import Channel, theirs
from chat.protocol.errors import Refused
from chat.webhooks import addresses

from . import kinds, sealed
from .contract import Adapter, Failed

MOST = 2_000
"""Characters of one setting."""
API = "api"
"""The setting that names another host in place of the usual one."""
ACCOUNT = "account"
"""Among the settings, what the last test found: by which the other side knows it."""


def of(enterprise: Enterprise):
    return Channel.objects.filter(theirs(enterprise.code))


def find(enterprise: Enterprise, key: str) -> Channel | None:
    """The enterprise's channel with this public id."""
    return of(enterprise).filter(key=key).first()


def path_of(channel: Channel) -> str:
    """Where the other side calls, absolute with PUBLIC_URL."""
    return f"{installation.PUBLIC_URL or ''}/channels/{channel.key}/"


def add(
    enterprise: Enterprise, kind: str, given: Mapping[str, str], *, team: Team, name: str = ""
) -> Channel:
    """A new channel, told to the other side where that takes it. Raises ValidationError by field,
    and Failed where the other side refuses it: then there is none."""
    channel = Channel(ent_id=enterprise.code, kind=kind, team=team)
    channel.name = name or channel.get_kind_display()
    set_keys(channel, given)
    with transaction.atomic():
        channel.full_clean(exclude=["team"])
        channel.save()
        connect(channel)
    return channel


def change(channel: Channel, given: Mapping[str, str], **columns: Any) -> None:
    """Sets these keys, leaving out the secrets that are empty, and columns. What is on its way goes
    on with the new ones. Raises as `add` does."""
    set_keys(channel, given)
    for column, value in columns.items():
        setattr(channel, column, value)
    channel.token, channel.token_until, channel.failure = "", None, ""
    with transaction.atomic():
        channel.full_clean(exclude=["team"])
        channel.save()
        connect(channel)


def switch(channel: Channel, on: bool) -> None:
    """Switches it on or off; the other side is told if it can be."""
    Channel.objects.filter(pk=channel.pk).update(active=on, failure="", failure_words="")
    channel.active = on
    try:
        connect(channel)
    except Failed:
        if on:
            raise


def connect(channel: Channel) -> None:
    kinds.adapter_of(channel).connect(channel, path_of(channel) if installation.PUBLIC_URL else "")


def set_keys(channel: Channel, given: Mapping[str, str]) -> None:
    """Checks the keys and sets them, without saving. Raises ValidationError."""
    adapter = kinds.adapter_of(channel)
    known = {key.name: key for key in adapter.keys}
    if unknown := given.keys() - known.keys() - {API}:
        names = ", ".join([*known, API])
        text = _("%(unknown)s is none of its keys: %(names)s.")
        raise ValidationError(text % {"unknown": min(unknown), "names": names})
    open_ones, secret = dict(channel.settings), stored_secrets(channel)
    for name, value in given.items():
        check_text(name, value)
        is_secret = name in known and known[name].secret
        if is_secret and (value or name not in secret):
            secret[name] = value
        elif not is_secret:
            open_ones[name] = value
    for key in adapter.keys:
        check_key(key.name, adapter, secret if key.secret else open_ones)
    check_api(open_ones)
    channel.settings = open_ones
    channel.sealed = sealed.seal(secret)
    try:
        adapter.check(channel)
    except Failed as failed:
        raise ValidationError(failed.words or failed.code) from failed


def stored_secrets(channel: Channel) -> dict[str, str]:
    """Those that can be read: of others new ones are asked for."""
    try:
        return sealed.keys_of(channel)
    except Failed:
        return {}


def check_text(name: str, value: str) -> None:
    if len(value) > MOST or not value.isprintable():
        raise ValidationError({name: _("This is one line of up to 2,000 characters.")})


def check_key(name: str, adapter: Adapter, values: dict[str, str]) -> None:
    key = next(key for key in adapter.keys if key.name == name)
    if not values.get(name):
        if key.default is None:
            raise ValidationError({name: _("%(name)s is missing.") % {"name": name}})
        values[name] = key.default
    if key.choices and values[name] not in key.choices:
        text = _("%(name)s is one of: %(choices)s.")
        found = {"name": name, "choices": ", ".join(key.choices)}
        raise ValidationError({name: text % found})


def check_api(values: dict[str, str]) -> None:
    """Raises ValidationError unless another host may be gone to."""
    if not values.get(API):
        values.pop(API, None)
        return
    try:
        addresses.check(values[API], installation.CHANNEL_ALLOW)
    except Refused as refused:
        text = _("This must be an https address that anybody can reach, or one of CHANNEL_ALLOW.")
        raise ValidationError({API: text}) from refused


def test(channel: Channel) -> Failed | None:
    """What does not work with it; None where all does. The account that it found is stored."""
    try:
        account = kinds.adapter_of(channel).test(channel)
    except Failed as failed:
        return failed
    if account and account != channel.settings.get(ACCOUNT):
        channel.settings = {**channel.settings, ACCOUNT: account}
        Channel.objects.filter(pk=channel.pk).update(settings=channel.settings)
    return None
