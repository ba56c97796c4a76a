"""Who the assistant of an enterprise is, and how it is set up."""

from urllib.parse import urlsplit

from django.conf import settings as installation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import encryption, rights, setup
from accounts.models import DEFAULT_TEAM, Assistant, Endpoint, Enterprise, Member, Team
from chat import sweeps
from chat.conversations import changes, floor
from chat.models import Conversation, theirs
from chat.protocol import notices
from chat.protocol.errors import Refused
from chat.webhooks import addresses

from .causes import Cause

NAME = "assistant"
ANSWER, WHISPER, OFF = Assistant.Mode.ANSWER, Assistant.Mode.WHISPER, Assistant.Mode.OFF


def of(ent_id: str) -> Assistant | None:
    """The assistant of an enterprise (its code), once there is one."""
    known = Assistant.objects.select_related("enterprise", "member")
    return known.filter(enterprise__code=ent_id).first()


def helping_in(ent_id: str) -> Assistant | None:
    """Likewise, while it helps anybody: it is set up, and not off."""
    return helping().filter(enterprise__code=ent_id).first()


def helping():
    """The assistants that help anybody."""
    known = of_open_ones().select_related("enterprise", "member")
    return known.exclude(mode=OFF).exclude(url="").exclude(model="")


def of_open_ones():
    """The assistants of enterprises that are not closed: nobody else's asks a model."""
    return Assistant.objects.filter(enterprise__status=Enterprise.Status.OPEN)


def make(enterprise: Enterprise) -> Assistant:
    """The enterprise's assistant, made if there is none: off, with a place in the default team.
    Raises ValidationError where another program has its name."""
    if found := of(enterprise.code):
        return found
    account = f"{NAME}@{enterprise.code}".lower()
    # A row whose member is of another enterprise is none that anybody sets up.
    taken = Member.objects.filter(name=account).exists()
    if taken or Assistant.objects.filter(enterprise=enterprise).exists():
        raise ValidationError(_("Another program has the name %(name)s.") % {"name": account})
    with transaction.atomic():
        member = setup.create_member(
            account, enterprise=enterprise, role=rights.BOT, nickname=_("Assistant")
        )
        setup.join_team(member, setup.find_or_create_team(enterprise, DEFAULT_TEAM))
        return Assistant.objects.create(enterprise=enterprise, member=member)


@transaction.atomic
def change(
    assistant: Assistant, teams: list[Team] | None = None, key: str | None = None, **settings
) -> None:
    """Sets these columns, the teams it sits in, and the endpoint's key ("" for none). A stored key
    goes to no other host: with such an address and no key there is none. Raises ValidationError."""
    settings |= endpoint_settings(assistant, key, settings.get("url"))
    if {"url", "model", "sealed"} & settings.keys():
        settings |= {"refused": [], "test": None, "tested_at": None}
    for name, value in settings.items():
        setattr(assistant, name, value)
    assistant.full_clean()
    if assistant.mode != OFF and not assistant.is_set_up:
        raise ValidationError(_("Name the endpoint and the model first."))
    if settings:
        assistant.save(update_fields=[*settings])
    if teams is not None:
        seat_in(assistant, teams)
    if assistant.mode != ANSWER:
        # Each conversation in a transaction of its own: there may be hundreds.
        transaction.on_commit(lambda: give_up(assistant), robust=True)


def endpoint_settings(endpoint: Endpoint, key: str | None, url: str | None) -> dict[str, str]:
    """The column `sealed`, if this key and this address (None: as it was) change it. Raises
    ValidationError where one of them is none."""
    if url:
        check_url(url)
    if key is None:
        kept = url is None or not keeps_no_key(endpoint, url)
        return {} if kept else {"sealed": ""}
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        raise ValidationError({"key": _("A key is a line of ASCII characters.")})
    return {"sealed": encryption.seal(key) if key else ""}


def keeps_no_key(endpoint: Endpoint, url: str) -> bool:
    """Whether there is a key, and it is for another place than this address. Whoever may change the
    address must not read the key there."""
    return bool(endpoint.sealed) and host_of(url) != host_of(endpoint.url)


def host_of(url: str) -> tuple[str, str]:
    """The scheme and the host of an address."""
    try:
        return urlsplit(url)[:2]
    except ValueError:
        return url, ""


def check_url(url: str) -> None:
    """Raises ValidationError unless it is a base that may be asked."""
    try:
        addresses.check(url, installation.AI_ALLOW)
    except Refused as refused:
        text = _("This must be an https address that anybody can reach, or one of AI_ALLOW.")
        raise ValidationError({"url": text}) from refused
    if "?" in url:
        raise ValidationError({"url": _("The base of an endpoint has no question mark.")})


MAX_KEY = 400
"""Characters of a key."""


def key_of(endpoint: Endpoint) -> str | None:
    """The endpoint's key, "" for none; None where SECRET_KEY is another one than it was stored
    under."""
    return encryption.unseal(endpoint.sealed) if endpoint.sealed else ""


def seat_in(assistant: Assistant, teams: list[Team]) -> None:
    """Gives it places in these teams, and in no others."""
    for place in assistant.member.places.exclude(team__in=teams):
        place.delete()
    for team in teams:
        setup.join_team(assistant.member, team)


def give_up(assistant: Assistant) -> None:
    """Ends its floor everywhere: what it has not answered waits for people, where it had answered
    all nobody waits."""
    who = assistant.member.uuid
    own = Conversation.objects.filter(theirs(assistant.enterprise.code), bot=who)
    for group in list(own.values_list("uuid", flat=True)):
        sweeps.run_step(give_up_one, group, assistant)


def give_up_one(group: str, assistant: Assistant) -> None:
    who = assistant.member.uuid
    with changes.begin() as step:
        thread = step.lock_one(group)
        if thread and thread.bot == who and thread.asked:
            floor.hand_over(thread, step.now, notices.BY_BOT, who, str(assistant), Cause.OFF)
        elif thread and thread.bot == who:
            floor.end(thread)
