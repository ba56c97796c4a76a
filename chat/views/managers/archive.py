"""The archive: the list of all conversations of an enterprise with its filters, and one of them to
be read in place."""

import time
import uuid
from collections.abc import Mapping
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, factors
from accounts.models import Enterprise, Member
from accounts.requests import wants_json
from chat.archive import page as pages
from chat.archive import question, saved, thread
from chat.archive.exports import MOST_CHOSEN
from chat.archive.question import Asked
from chat.limits import limits, member_keys
from chat.periods import enterprise_of
from chat.protocol.errors import Refused
from chat.views.common import note_archive_read, parse_number
from chat.views.refusals import merged_page

from .administration import answer_refused, gate, pages_of

ELSEWHERE = {"forbidden", "not_found", "rate_limited"}
"""Refusals of which the list says nothing."""
PROBLEMS = {
    "q": gettext_lazy("The text to be found has at most 100 characters and no control characters."),
    "visitor": gettext_lazy(
        "The visitor's name has at most 100 characters and no control characters."
    ),
    "page": gettext_lazy("The page has at most 100 characters and no control characters."),
    "from": gettext_lazy("This is no day, or it is after the last one."),
    "to": gettext_lazy("This is no day."),
    "team": gettext_lazy("This team does not exist. Choose another one."),
    "member": gettext_lazy("This member does not exist. Choose another one."),
    "tag": gettext_lazy("No conversation has this tag."),
    "rating": gettext_lazy("Choose a rating from the list."),
    "attr": gettext_lazy("No attribute has such a value."),
    "state": gettext_lazy("Choose a status from the list."),
    "cursor": gettext_lazy("This page of the list does not exist. Begin with the first one."),
    "name": gettext_lazy(
        "Give the view a name of at most 60 characters, without control characters."
    ),
    "filters": gettext_lazy("Choose a filter first; then it can be saved as a view."),
    "views": gettext_lazy("You have 50 saved views. Delete one first."),
    "kind": gettext_lazy("Choose CSV, JSON or ZIP."),
    "group": gettext_lazy("At most 500 conversations can be ticked. Use a filter instead."),
    "exports": gettext_lazy("Five exports are being made. Wait until one is done, or cancel one."),
}
"""What a field of the address was refused for."""


def check_archivist(request: HttpRequest) -> None:
    if not question.may_read(cast(Member, request.user)):
        raise Refused("forbidden", "The archive is for managers and supervisors.")


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """What is refused as JSON where that was asked for, else as a page that says what was wrong."""
    field = refused.facts.get("field")
    to_choose = field == "enterprise" and request.method == "GET"
    if wants_json(request) or refused.code in ELSEWHERE or to_choose or field not in PROBLEMS:
        return answer_refused(request, refused, _("Conversations"))
    sent = request.POST if request.method == "POST" else request.GET
    try:
        enterprise = enterprise_of(request.user, sent.get("enterprise"))
    except Refused:  # Of a conversation's address it was known by the conversation.
        return answer_refused(request, refused, _("Conversations"))
    fields = {name: sent.get(name, "") for name in question.FIELDS}
    context = {"problem": PROBLEMS[field], "wrong": field, "fields": fields}
    context |= frame(enterprise, sent)
    return show(request, enterprise, "list.html", context, refused.status)


show = pages_of("archive", gettext_lazy("Conversations"))
for_archivists = gate(check_archivist, answer)
"""Decorates a view for those who may read all conversations of an enterprise."""


def frame(enterprise: Enterprise, fields: Mapping[str, str]) -> dict:
    """What the form needs; `fields` are those of the address."""
    return {
        "choices": pages.choices(enterprise),
        "ratings": pages.ratings(),
        "attributes": pages.attribute_rows(enterprise, fields),
    }


TICKED = "archive_ticked"
"""Holds in a session what was ticked for an export, while its member proves who they are."""


def keep_ticks(request: HttpRequest) -> None:
    """Keeps the ticked conversations and the kind of file."""
    groups = request.POST.getlist("group")[:MOST_CHOSEN]
    kept = {"groups": groups, "kind": request.POST.get("kind", ""), "at": time.time()}
    request.session[TICKED] = kept


def kept_ticks(request: HttpRequest) -> dict:
    """What was kept, until it is exported, and as long as a proof is fresh."""
    kept = request.session.get(TICKED, {})
    return kept if time.time() - kept.get("at", 0) < factors.fresh.WITHIN else {}


@require_safe
@for_archivists
def page(request: HttpRequest) -> HttpResponse:
    """A part of the list that the address asks for."""
    asked = question.ask(request.user, request.GET)
    if "q" in asked.fields:
        limits.take("search", member_keys(request.user.uuid))
    superuser = request.user.is_superuser
    found = pages.read(asked, request.GET.get("cursor"))
    note_archive_read(request, asked.enterprise)
    today = timezone.now().astimezone(asked.zone).date()
    context = frame(asked.enterprise, asked.fields)
    context |= found | {
        "asked": asked,
        "fields": asked.fields,
        "query": asked.query(superuser),
        "first_page": not request.GET.get("cursor"),
        "chips": pages.chips(asked.enterprise, asked.fields, context["choices"], superuser),
        "views": pages.saved_views(request.user, asked),
        "shortcuts": pages.shortcuts(asked, today, superuser),
        "ticked": kept_ticks(request),
    }
    return show(request, asked.enterprise, "list.html", context)


@require_safe
@for_archivists
def conversation(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """A conversation to be read; the address has the filters of the list that it was opened from,
    and may say which messages: `before`, `after`, or those around `at`."""
    member, bounds = request.user, {}
    for name in ("before", "after", "at"):
        if request.GET.get(name):
            bounds[name] = parse_number(request.GET[name], name)
    if len(bounds) > 1:
        raise Refused("bad_field", "before, after or at.")
    found = thread.opened_by(member, str(group), audit.of_request(request))
    if found is None:
        return elsewhere(request, group)
    fields = request.GET.copy()
    fields.setdefault("enterprise", found.ent_id)
    asked = question.ask(member, fields)
    if asked.enterprise.code != found.ent_id:
        raise Http404
    part = thread.part(found, **bounds)
    newer, older = thread.neighbours(asked, found)
    reads = member.enterprise_id == asked.enterprise.pk and member.has_workspace
    context = {
        "title": found.visitor.label,
        "conversation": None,
        "opened": found,
        "part": part,
        "rows": part.messages if reads else thread.without_files(part.messages),
        "newer": newer,
        "older": older,
        "query": asked.query(member.is_superuser),
        "reads": reads,
        **thread.about(member, found),
    }
    return show(request, asked.enterprise, "thread.html", context)


def elsewhere(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """The answer where there is no such conversation: 404, or 410 and where the one is with which
    a sign-in has merged it."""
    refused = thread.merged(request.user, str(group))  # type: ignore[arg-type]  # for_archivists
    if refused is None:
        raise Http404
    if wants_json(request):
        raise refused
    return merged_page(request, reverse("archive-thread", args=[refused.facts["into"]]))


@require_POST
@for_archivists
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the filters in the form as the reader's view `name`."""
    asked = question.ask(request.user, request.POST)
    view = saved.save(request.user, asked, request.POST.get("name", ""))
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return back_to_list(request, asked)


@require_POST
@for_archivists
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a view of the reader."""
    view = saved.delete(request.user, pk)
    if view is None:
        raise Http404
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return back_to_list(request, question.ask_about(view.enterprise, {}))


def back_to_list(request: HttpRequest, asked: Asked) -> HttpResponse:
    query = asked.query(request.user.is_superuser)
    return redirect(f"{reverse('archive')}?{query}" if query else "archive")
