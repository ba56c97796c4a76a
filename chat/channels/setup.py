"""Adds, changes, tests and switches the channels of an enterprise."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as installation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Enterprise, Team
from chat.models import Channel, ChannelDelivery, theirs
from chat.posting import batches
from chat.protocol.errors import Refused
from chat.webhooks import addresses

from . import deliveries, health, kinds, sealed
from .contract import DAILY, GONE, Adapter, Failed

MOST = 2_000
"""Characters of one setting."""
API = "api"
"""The setting that names another host in place of the usual one."""
LEADS = API, "oauth_token_url"
"""The settings that say to which host secrets go."""
BOXES, REFRESH = ("imap", "smtp"), "oauth_refresh"
"""The secrets that are URLs, and the one by which tokens are got that their hosts are shown."""
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
    enterprise: Enterprise,
    kind: str,
    given: Mapping[str, str],
    *,
    team: Team,
    by: audit.Origin | None = None,
    **columns: Any,
) -> Channel:
    """A new channel, told to the other side where that takes it. Raises ValidationError by field,
    and Failed where the other side refuses it: then there is none. `by` is who does it, for the
    audit, here and below; no transaction waits for the other side."""
    channel = Channel(ent_id=enterprise.code, kind=kind, team=team, **columns)
    channel.name = channel.name or capfirst(channel.get_kind_display())
    set_keys(channel, given)
    channel.full_clean(exclude=["team"])
    # Off until the other side knows it: nothing is fetched of one that is refused.
    channel.active = False
    with recorded(by):
        channel.save()
    channel.active = True
    try:
        connect(channel)
    except Failed:
        with recorded(by):
            channel.delete()
        raise
    with recorded(by):
        channel.save(update_fields=["active"])
    return channel


def change(
    channel: Channel, given: Mapping[str, str], by: audit.Origin | None = None, **columns: Any
) -> None:
    """Sets these keys, leaving out the secrets that are empty, and columns. What waits is sent
    with the new ones at once. Raises ValidationError by field, and Failed where the other side
    refuses it, after it was stored."""
    former = account_of(channel)
    set_keys(channel, given)
    if former and account_of(channel) != former:
        columns["cursor"] = {}  # What it says is of the former account.
    for column, value in columns.items():
        setattr(channel, column, value)
    channel.token, channel.token_until = "", None
    channel.failure, channel.failure_words, channel.failed_at = "", "", None
    channel.full_clean(exclude=["team"])
    # What is served meanwhile (cursor, lease, bell) stays as it is stored.
    columns_of_keys = ("settings", "sealed", "token", "token_until")
    failing = ("failure", "failure_words", "failed_at")
    with recorded(by):
        channel.save(update_fields=[*columns_of_keys, *failing, *columns])
        waiting = channel.deliveries.filter(state=ChannelDelivery.State.SENDING)
        # What waits for another try has a reason. What is tried for the first time stays claimed,
        # so that nobody edits what leaves just now (conversations/outgoing.py).
        waiting.exclude(reason__in=("", DAILY)).update(due_at=timezone.now())
    try:
        connect(channel)
    except Failed as failed:
        health.fails(channel, failed, timezone.now())
        raise


def switch(channel: Channel, on: bool, by: audit.Origin | None = None) -> None:
    """Switches it on or off; the other side is told if it can be. Raises Failed where it cannot be
    switched on: then it stays off."""
    channel.active = on
    if on:
        connect(channel)
    channel.failure, channel.failure_words, channel.failed_at = "", "", None
    with recorded(by):
        channel.save(update_fields=["active", "failure", "failure_words", "failed_at"])
    if not on:
        leave(channel)


def delete(channel: Channel, by: audit.Origin | None = None) -> None:
    """Deletes it. Its conversations stay, and nothing more can be sent in them: what was on its way
    has failed."""
    channel.active = False
    leave(channel)
    unsent = channel.deliveries.filter(state=ChannelDelivery.State.SENDING)
    for delivery in unsent.order_by("pk"):
        failed = Failed(GONE, final=True)
        state = ChannelDelivery.State.FAILED
        batches.do(deliveries.Outcome(delivery.conversation_id, delivery, state, failed=failed))
    with recorded(by):
        channel.delete()


def connect(channel: Channel) -> None:
    kinds.adapter_of(channel).connect(channel, path_of(channel))


def leave(channel: Channel) -> None:
    """Tells the other side, as far as it listens, that nobody is called any more."""
    try:
        connect(channel)
    except Failed:
        return


def recorded(by: audit.Origin | None) -> AbstractContextManager:
    """A transaction whose changes are somebody's, or the process's own."""
    return audit.recording(by) if by else transaction.atomic()


def set_keys(channel: Channel, given: Mapping[str, str]) -> None:
    """Checks the keys and sets them, without saving. Raises ValidationError, by field where an
    adapter's words begin with the key's name."""
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
    check_leads(channel, open_ones, secret, given)
    channel.settings = open_ones
    channel.sealed = sealed.seal(secret)
    try:
        adapter.check(channel)
    except Failed as failed:
        words = failed.words or failed.code
        name, colon, said = words.partition(": ")
        wrong = {name: capfirst(said)} if colon and name in known else words
        raise ValidationError(wrong) from failed
    refuse_second(channel)


def refuse_second(channel: Channel) -> None:
    """Raises ValidationError where another channel of the enterprise has this account: each would
    get a part of what comes."""
    others = Channel.objects.filter(theirs(channel.ent_id), kind=channel.kind)
    for other in others.exclude(pk=channel.pk):
        if account_of(other) == account_of(channel):
            text = _("The channel %(name)s has this account already.")
            raise ValidationError(text % {"name": other.name})


def account_of(channel: Channel) -> str:
    """Which account of theirs it is; "" where its keys are not known."""
    try:
        return kinds.adapter_of(channel).own_id(channel)
    except (Failed, KeyError):
        return ""


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


def check_leads(
    channel: Channel, values: dict[str, str], secrets: dict[str, str], given: Mapping[str, str]
) -> None:
    """Raises ValidationError where a stored secret would go to another host than before."""
    if channel.pk is None:
        return
    former = stored_secrets(channel)
    kept = [name for name, value in former.items() if value and not given.get(name)]
    if all(values.get(n) == channel.settings.get(n) for n in LEADS):
        moved = any(host_of(secrets.get(n, "")) != host_of(former.get(n, "")) for n in BOXES)
        kept = [REFRESH] if moved and REFRESH in kept else []
    if kept:
        text = _("Enter the key anew: the stored one is for the former address.")
        raise ValidationError(dict.fromkeys(kept, text))


def host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return url


def test(channel: Channel, by: audit.Origin | None = None) -> Failed | None:
    """What does not work with it; None where all does. The account that it found is stored, and
    whether it works."""
    failed = tried(channel)
    if failed is None:
        for sends in (False, True):
            health.works(channel, sends)
    elif failed.breaks or kinds.adapter_of(channel).fetches(channel):
        # What passes by itself ends with the next fetch.
        health.fails(channel, failed, timezone.now())
    audit.note(
        audit.Action.USED,
        audit.chain_of(channel.ent_id),
        by,
        kind="channel",
        object_id=str(channel.pk),
        object_name=channel.name,
        details={"after": {"test": failed.code if failed else "ok"}},
    )
    return failed


def tried(channel: Channel) -> Failed | None:
    try:
        account = kinds.adapter_of(channel).test(channel)
    except Failed as failed:
        return failed
    if account and account != channel.settings.get(ACCOUNT):
        channel.settings = {**channel.settings, ACCOUNT: account}
        Channel.objects.filter(pk=channel.pk).update(settings=channel.settings)
    return None
