"""Checks of what tables hold: accounts, articles, and what is switched on and does not work."""

import os
from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.timezone import now

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
        admin = "" if settings.PUBLIC_URL.startswith("https://") else ", admin too,"
        yield error(
            f"DEMO_PASSWORD is set: at each start the demo's accounts{admin} get it anew",
            "unset DEMO_PASSWORD",
        )
    if Enterprise.objects.filter(code="demo", status=Enterprise.Status.OPEN).exists():
        yield warning(
            "the demo is open to the public",
            "close it in the administration: Enterprises, the one with the code demo, action Close",
        )


def superuser() -> Iterator[Finding]:
    if not Member.objects.filter(is_superuser=True, status=Member.Status.NORMAL).exists():
        yield warning(
            "nobody can administer this installation", "manage.py createsuperuser --name boss"
        )


def article_index() -> Iterator[Finding]:
    """Published articles that no search can find."""
    published = Article.objects.filter(state=Article.State.PUBLISHED)
    missing = published.exclude(pk__in=ArticleIndex.objects.values("pk")).count()
    if missing:
        yield warning(
            f"{missing} published articles are missing from the index: nobody finds them",
            "manage.py knowledge index",
        )


def assistant() -> Iterator[Finding]:
    """Assistants that can ask nobody, though they are on."""
    for one in Assistant.objects.exclude(mode=Assistant.Mode.OFF).select_related("enterprise"):
        code = one.enterprise.code
        if problem := problem_of(one):
            yield error(
                f"the assistant of {code} hands everything over: {problem}",
                f"manage.py assistant {code} --url URL --model NAME --key -, or --mode off",
            )


def problem_of(assistant: Assistant) -> str:
    """What keeps it from asking, as far as that is seen without asking; "" for nothing."""
    if not assistant.is_set_up:
        return "it has no endpoint or no model"
    if assistants.key_of(assistant) is None:
        return "its key was stored under another SECRET_KEY"
    try:
        addresses.check(assistant.url, settings.AI_ALLOW)
    except Refused:
        return "its endpoint is neither public with https nor in AI_ALLOW"
    return ""


def channels() -> Iterator[Finding]:
    """Channels that are on and do not work, as far as that is seen without asking."""
    for one in Channel.objects.filter(active=True).order_by("pk"):
        name = f"{one.kind} {one.key} of {one.ent_id}"
        if problem := trouble_of(one):
            yield error(
                f"the channel {name} does not work: {problem}",
                f"manage.py channel test {one.ent_id} {one.key}; new keys on the page Channels",
            )


def trouble_of(channel: Channel) -> str:
    """What keeps a channel from working; "" for nothing."""
    if channel.failure:
        return failures.words(channel.kind, channel.failure, channel.failure_words)
    try:
        setup.check_api(dict(channel.settings))
    except ValidationError:
        return "its api is neither public with https nor in CHANNEL_ALLOW"
    called = channel.kind in kinds.ADAPTERS and kinds.adapter_of(channel).is_called(channel)
    if called and not settings.PUBLIC_URL:
        return "the other side calls it, and PUBLIC_URL is unset"
    return ""


def pushes() -> Iterator[Finding]:
    if not settings.PUBLIC_URL and PushDevice.objects.exists():
        yield warning(
            "PUBLIC_URL is unset: pushes do not say who sends them, so Apple refuses them",
            "set PUBLIC_URL=https://chat.example.com",
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
            f"the {one.kind} robot {one.pk} of {one.ent_id} does not work: {problem}",
            f"manage.py robot {one.ent_id} test {one.pk}; a new address on the page Notifications",
        )


def former_keys() -> Iterator[Finding]:
    """Secrets that are lost with a former key."""
    found = Counter(name for name, *_row in keys.needing_former())
    if found:
        whose = ", ".join(f"{name} ({count})" for name, count in found.items())
        yield warning(
            f"a former key alone opens secrets of {whose}",
            "start once more before it leaves SECRET_KEY_FALLBACKS: that stores them under the "
            "present one",
        )


CHECKS = [demo, superuser, article_index, assistant, channels, pushes, robots, former_keys]
