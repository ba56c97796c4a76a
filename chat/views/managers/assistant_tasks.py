"""What the assistant was asked: a trial, the rows of its figures, and one question with all that
came of it."""

import json
from typing import cast

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, Form, Textarea
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.models import Member
from chat.archive import thread
from chat.assistant import causes, checking, figures
from chat.limits import limits, member_keys
from chat.models import AssistantTask
from chat.views.common import note_archive_read

from .administration import chosen, place
from .assistant import for_assistant, set_up_or_404, show

LONGEST = 1_000
"""Characters of a question in a trial."""
ROWS = 50
"""Rows on a page."""
TITLES = {
    "asked": gettext_lazy("Questions"),
    "answered": gettext_lazy("Answered with proof"),
    "asked_back": gettext_lazy("Asked back"),
    "refused": gettext_lazy("No article proves an answer"),
    "to_people": gettext_lazy("Handed over"),
    "timed": gettext_lazy("Time of an answer"),
    "useful": gettext_lazy("Found helpful"),
    "useless": gettext_lazy("Found not helpful"),
    "spent": pgettext_lazy("assistant", "Tokens"),
    figures.ALONE: gettext_lazy("Ended without a person"),
    figures.ENDED: gettext_lazy("Ended receptions"),
}
"""By figure: the heading of its rows."""


class TrialForm(Form):
    question = CharField(
        label=gettext_lazy("Ask as a visitor"),
        max_length=LONGEST,
        widget=Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    language = ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@require_http_methods(["GET", "HEAD", "POST"])
@for_assistant
def trial(request: HttpRequest) -> HttpResponse:
    """POST: a question, which leads to its page. Nothing is posted to anybody."""
    enterprise = chosen(request)
    set_up_or_404(enterprise)
    form = TrialForm(request.POST or None, initial={"language": enterprise.text_language})
    if request.method == "POST" and form.is_valid():
        member = cast(Member, request.user)
        limits.take("assistant", member_keys(member.uuid))
        task = AssistantTask.objects.create(
            ent_id=enterprise.code,
            kind=AssistantTask.Kind.TRIAL,
            member=member if member.enterprise_id == enterprise.pk else None,
            **form.cleaned_data,
        )
        return redirect(place("assistant-task", request, enterprise, task.pk))
    return show(request, enterprise, "task.html", {"title": _("Trial"), "form": form})


@require_safe
@for_assistant
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A question: what left the server word for word, what came back, and what was struck."""
    enterprise = chosen(request)
    task = AssistantTask.objects.filter(pk=pk, ent_id=enterprise.code).first()
    if task is None:
        raise Http404
    if task.conversation_id:
        origin = audit.of_request(request)
        thread.opened_by(cast(Member, request.user), task.conversation_id, origin)
    is_trial = task.kind == AssistantTask.Kind.TRIAL
    asked = {"question": task.question, "language": task.language}
    context = {
        "title": capfirst(task.get_kind_display()),
        "task": task,
        "form": TrialForm(initial=asked) if is_trial else None,
        "busy": task.state in AssistantTask.UNFINISHED,
        "cause": causes.TEXTS.get(task.cause, task.cause),
        "said": {
            "content": task.text,
            "formatted": None,
            "data": {"citations": list(task.citations.values())},
        },
        "struck": [(text, checking.REASONS.get(why, why)) for text, why in task.struck],
        "sent": messages_of(task.request),
        "passages": passages_of(task.request),
        "tokens": task.prompt_tokens + task.completion_tokens,
    }
    return show(request, enterprise, "task.html", context)


def messages_of(request: str) -> list[dict]:
    """The messages of a stored request; none if it is another text."""
    try:
        found = json.loads(request)
    except ValueError:
        return []
    if isinstance(found, dict):
        found = found.get("messages")
    return found if isinstance(found, list) else []


def passages_of(request: str) -> list[dict]:
    """The passages that a stored request had."""
    try:
        return json.loads(messages_of(request)[-1]["content"])["passages"]
    except (ValueError, LookupError, TypeError):
        return []


@require_safe
@for_assistant
def rows(request: HttpRequest) -> HttpResponse:
    """What a figure counts."""
    enterprise = chosen(request)
    figure, cause = request.GET.get("figure", "asked"), request.GET.get("cause")
    asked = request.GET.get("days", "")
    if figure not in TITLES or asked not in map(str, figures.PERIODS):
        raise Http404
    period = figures.Period.last(enterprise, int(asked))
    note_archive_read(request, enterprise)
    by_reception = figure in (figures.ALONE, figures.ENDED)
    found: QuerySet
    if by_reception:
        found = figures.receptions(period, figure).order_by("-closed_at", "-pk")
    else:
        found = figures.tasks(period, figure, cause).order_by("-created_at", "-pk")
    part = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "title": TITLES[figure],
        "subtitle": capfirst(causes.TEXTS.get(cause or "", "")),
        "found": part,
        "rows": [(row, causes.TEXTS.get(getattr(row, "cause", ""), "")) for row in part],
        "by_reception": by_reception,
        "days": int(asked),
    }
    return show(request, enterprise, "rows.html", context)
