"""The page of channels: how each works, setting one up, a test, and switching it off."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, hours
from accounts.forms import secrets
from accounts.models import Enterprise, Member
from accounts.sentences import sentences
from chat.background import channels as serving
from chat.channels import failures, kinds, setup
from chat.channels.contract import Failed
from chat.models import Channel

from . import channel_cards
from .administration import as_form, ask_first, chosen, for_keys, for_managers, pages_of, place
from .channel_forms import GUIDES, SUMMARIES, ChannelForm

TITLE = gettext_lazy("Channels")
for_channels = for_managers(TITLE)
show = pages_of("channels", TITLE)


@require_safe
@for_channels
def page(request: HttpRequest) -> HttpResponse:
    """How each channel works, today's numbers, and what was not sent."""
    enterprise, now = chosen(request), timezone.now()
    with timezone.override(hours.zone_named(enterprise.zone)):
        day = channel_cards.today(enterprise, now)
        found = channel_cards.cards(enterprise, day, now)
        context = {
            "cards": found,
            "broken": sum(card.tone == "bad" for card in found),
            "totals": day.totals,
            "online": channel_cards.online_visitors(enterprise, now),
            "unsent": channel_cards.unsent(enterprise, now),
            "kinds": kinds_in_words(),
        }
        return show(request, enterprise, "page.html", context)


def kinds_in_words() -> list[tuple]:
    """Each kind with its name and a sentence about it."""
    names = dict(Channel.Kind.choices)
    return [(kind, names[kind], SUMMARIES.get(kind, "")) for kind in kinds.ADAPTERS]


@for_keys(for_channels)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """A new channel of a kind. Whoever adds one says where messages go."""
    if kind not in kinds.ADAPTERS:
        raise Http404
    enterprise = chosen(request)
    return edit(request, enterprise, Channel(ent_id=enterprise.code, kind=kind))


@for_keys(for_channels)
def change(request: HttpRequest, key: str) -> HttpResponse:
    """Its keys, its name and its team."""
    enterprise = chosen(request)
    return edit(request, enterprise, get_object_or_404(setup.of(enterprise), key=key))


def edit(request: HttpRequest, enterprise: Enterprise, channel: Channel) -> HttpResponse:
    form = ChannelForm(request.POST or None, instance=channel, enterprise=enterprise)
    secrets.filled_in_by(cast(Member, request.user), form)
    is_new = channel.pk is None
    if request.method == "POST" and form.is_valid():
        stored = form.store(enterprise, audit.of_request(request))
        if stored is not None:
            serving.soon()
            try_out(request, stored, _("Saved."))
            called = is_new and kinds.adapter_of(stored).is_called(stored)
            there = ("channel-change", stored.key) if called else ("channels",)
            return redirect(place(there[0], request, enterprise, *there[1:]))
    is_called = not is_new and kinds.adapter_of(channel).is_called(channel)
    context = as_form(form, form.sections) | {
        "channel": channel,
        "cancel": place("channels", request, enterprise) if is_new else "",
        "guide": GUIDES.get(channel.kind, ()),
        "calls": kinds.adapter_of(channel).is_called(channel),
        "address": setup.path_of(channel) if is_called else "",
    }
    return show(request, enterprise, "form.html", context)


def try_out(request: HttpRequest, channel: Channel, before: str = "") -> None:
    """Tests it, and says what came of that on the next page. No transaction waits meanwhile."""
    failed = setup.test(channel, audit.of_request(request))
    if failed is None:
        account = channel.settings.get(setup.ACCOUNT, "")
        text = _("It works: %(account)s") if account else _("It works.")
        messages.success(request, sentences(before, text % {"account": account}))
        return
    why = failures.words(channel.kind, failed.code, failed.words)
    text = _("%(channel)s does not work: %(why)s") % {"channel": channel.name, "why": why}
    messages.error(request, sentences(before, text))


@require_POST
@for_channels
def act(request: HttpRequest, key: str) -> HttpResponse:
    """Tests a channel, switches it on or off, or deletes it; the last two ask first."""
    enterprise = chosen(request)
    channel = get_object_or_404(setup.of(enterprise), key=key)
    action = request.POST.get("action", "")
    if action in ASKED and "sure" not in request.POST:
        return ask(request, enterprise, channel, action)
    by = audit.of_request(request)
    if action == "test":
        try_out(request, channel)
    elif action in ("on", "off"):
        try:
            setup.switch(channel, action == "on", by)
        except Failed as failed:
            messages.error(request, failures.words(channel.kind, failed.code, failed.words))
        else:
            text = _("%(name)s is on.") if channel.active else _("%(name)s is off.")
            messages.success(request, text % {"name": channel.name})
    elif action == "delete":
        setup.delete(channel, by)
        messages.success(request, _("%(name)s was deleted.") % {"name": channel.name})
    serving.soon()
    return redirect(place("channels", request, enterprise))


ASKED = {
    "off": (
        gettext_lazy("Switch %(name)s off?"),
        (
            gettext_lazy("Nothing comes in by it, and what your team writes there waits."),
            gettext_lazy(
                "Switched on again, it goes on from there, as far as the other side "
                "has kept what people wrote."
            ),
        ),
        pgettext_lazy("channel", "Switch off"),
    ),
    "delete": (
        gettext_lazy("Delete %(name)s?"),
        (
            gettext_lazy("Its keys are deleted, and nothing comes in by it any more."),
            gettext_lazy(
                "Its conversations stay, and nobody can be answered there. What is on its "
                "way is not sent."
            ),
            gettext_lazy("Added again, it knows nobody: who writes then is a new visitor."),
        ),
        gettext_lazy("Delete"),
    ),
}
"""By what is to be done: the question, what would happen, and the button."""


def ask(
    request: HttpRequest, enterprise: Enterprise, channel: Channel, action: str
) -> HttpResponse:
    title, lines, button = ASKED[action]
    more = {"act": button, "destroys": action == "delete"}
    more["back"] = place("channels", request, enterprise)
    named = str(title) % {"name": channel.name}
    return ask_first(request, named, lines, [("action", action)], **more)
