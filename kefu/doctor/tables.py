"""Checks of what tables hold: accounts, articles, and what is switched on and does not work."""

import os
from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import encryption
from accounts.models import Assistant, Enterprise, Member
from chat.assistant import assistants
from chat.channels import failures, kinds, setup
from chat.models import Article, ArticleIndex, Channel, PushDevice, Robot
from chat.notifications.robots import failures as robot_failures
from chat.protocol.errors import Refused
from chat.webhooks import addresses
from kefu import keys

from .finding import Finding, error, warning


def demo() -> Iterator[Finding]:
    if not settings.PUBLIC_URL:
        return
    if os.environ.get("DEMO_PASSWORD"):
        yield error(
            _("DEMO_PASSWORD is set: at each start the demo's accounts get it anew")
            if settings.PUBLIC_URL.startswith("https://")
            else _(
                "DEMO_PASSWORD is set: at each start the demo's accounts, admin too, get it anew"
            ),
            _("unset DEMO_PASSWORD"),
        )
    if Enterprise.objects.filter(code="demo", status=Enterprise.Status.OPEN).exists():
        yield warning(
            _("the demo is open to the public"),
            _(
                "close it in the administration: Enterprises, the one with the code demo, action "
                "Close"
            ),
        )


def superuser() -> Iterator[Finding]:
    if not Member.objects.filter(is_superuser=True, status=Member.Status.NORMAL).exists():
        yield warning(
            _("nobody can administer this installation"), "manage.py createsuperuser --name boss"
        )


def article_index() -> Iterator[Finding]:
    """Published articles that no search can find."""
    published = Article.objects.filter(state=Article.State.PUBLISHED)
    missing = published.exclude(pk__in=ArticleIndex.objects.values("pk")).count()
    if missing:
        yield warning(
            _("{n} published articles are missing from the index: nobody finds them"),
            "manage.py knowledge index",
            n=missing,
        )


def assistant() -> Iterator[Finding]:
    """Assistants that can ask nobody, though they are on."""
    for one in Assistant.objects.exclude(mode=Assistant.Mode.OFF).select_related("enterprise"):
        if problem := problem_of(one):
            yield error(
                _("the assistant of {code} hands everything over: {problem}"),
                _(
                    "{command} --url URL --model NAME --key -; to switch it off, {command} --mode "
                    "off"
                ),
                command=f"manage.py assistant {one.enterprise.code}",
                code=one.enterprise.code,
                problem=problem,
            )


def problem_of(assistant: Assistant) -> str:
    """What keeps it from asking, as far as that is seen without asking; "" for nothing."""
    if not assistant.is_set_up:
        return _("it has no endpoint or no model")
    if assistants.key_of(assistant) is None:
        return _("its key was stored under another SECRET_KEY")
    try:
        addresses.check(assistant.url, settings.AI_ALLOW)
    except Refused:
        return _("its endpoint is neither public with https nor in AI_ALLOW")
    return ""


def channels() -> Iterator[Finding]:
    """Channels that are on and do not work, as far as that is seen without asking."""
    for one in Channel.objects.filter(active=True).order_by("pk"):
        if problem := trouble_of(one):
            yield error(
                _("the channel {kind} {key} of {code} does not work: {problem}"),
                _("manage.py channel test {code} {key}; new keys on the page Channels"),
                kind=one.kind,
                key=one.key,
                code=one.ent_id,
                problem=problem,
            )


def trouble_of(channel: Channel) -> str:
    """What keeps a channel from working; "" for nothing."""
    if channel.failure:
        return failures.words(channel.kind, channel.failure, channel.failure_words)
    try:
        setup.check_api(dict(channel.settings))
    except ValidationError:
        return _("its api is neither public with https nor in CHANNEL_ALLOW")
    called = channel.kind in kinds.ADAPTERS and kinds.adapter_of(channel).is_called(channel)
    if called and not settings.PUBLIC_URL:
        return _("the other side calls it, and PUBLIC_URL is unset")
    return ""


def pushes() -> Iterator[Finding]:
    if not settings.PUBLIC_URL and PushDevice.objects.exists():
        yield warning(
            _("PUBLIC_URL is unset: pushes do not say who sends them, so Apple refuses them"),
            _("set PUBLIC_URL=https://chat.example.com"),
        )


def robots() -> Iterator[Finding]:
    """Robots that are on, and of which nobody gets anything."""
    for one in Robot.objects.filter(active=True).order_by("pk"):
        problem = robot_failures.words(one.failure) if one.failure else ""
        if encryption.unseal(one.sealed) is None:
            problem = robot_failures.words(robot_failures.SEALED)
        elif not Robot.objects.failing(now()).filter(pk=one.pk).exists():
            continue
        yield error(
            _("the {kind} robot {pk} of {code} does not work: {problem}"),
            _("manage.py robot {code} test {pk}; a new address on the page Notifications"),
            kind=one.kind,
            pk=one.pk,
            code=one.ent_id,
            problem=problem,
        )


def former_keys() -> Iterator[Finding]:
    """Secrets that are lost with a former key."""
    found = Counter(name for name, *_row in keys.needing_former())
    if found:
        whose = [_("{name} ({n})").format(name=_(name), n=n) for name, n in found.items()]
        yield warning(
            _("a former key alone opens secrets of {whose}"),
            _(
                "start once more before it leaves SECRET_KEY_FALLBACKS: that stores them under the "
                "present one"
            ),
            whose=pgettext("between names", ", ").join(whose),
        )


CHECKS = [demo, superuser, article_index, assistant, channels, pushes, robots, former_keys]
