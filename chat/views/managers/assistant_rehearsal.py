"""The rehearsal's page: real questions, what the assistant would say, what people said, and what
managers and supervisors think of it."""

from datetime import timedelta
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import audit, hours
from accounts.models import Assistant, Enterprise, Member
from chat.assistant import answering, assistants, causes, drafts, rehearsal, requests
from chat.knowledge import articles
from chat.models import AssistantCitation, AssistantRehearsal, AssistantTask, theirs
from chat.protocol.citations import pieces
from chat.protocol.errors import Refused
from chat.views.common import note_archive_read, parse_number

from .administration import chosen, place
from .archive import for_archivists
from .assistant import show

QUESTIONS = 50
"""Of one rehearsal, and on a page: as many as somebody judges in a quarter of an hour. The command
rehearses any number."""
DAYS = 28
"""From which they are: four weeks, since some questions come by weekday."""
Judgement = AssistantTask.Judgement
COLOURS = {"right": "ok", "nearly": "warn", "wrong": "bad"}
"""By judgement: the colour of what was pressed."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_archivists
def page(request: HttpRequest) -> HttpResponse:
    """GET: the last rehearsal, with `only=open` what nobody has judged. POST: an `action`: begin,
    stop, or judge the `task` with a `judgement`."""
    member = cast(Member, request.user)
    enterprise = chosen(request)
    assistant = assistants.of(enterprise.code)
    if request.method == "POST":
        return act(request, enterprise, assistant)
    row = rehearsal.asked(enterprise).first()
    only_open = request.GET.get("only") == "open"
    part = None
    if row:
        note_archive_read(request, enterprise)
        part = Paginator(ended(row, only_open), QUESTIONS).get_page(request.GET.get("page"))
    context = {
        "title": _("Rehearsal"),
        "assistant": assistant if assistant and assistant.is_set_up else None,
        "row": row,
        "busy": bool(row and rehearsal.busy(row)),
        "totals": rehearsal.totals(rehearsal.tasks_of(row)) if row else None,
        "found": part,
        "lines": lines(enterprise, list(part)) if part else [],
        "only_open": only_open,
        "judgements": [(one.value, one.label, COLOURS[one]) for one in Judgement],
        "own": place("assistant-rehearsal", request, enterprise),
        "unjudged": place("assistant-rehearsal", request, enterprise, only="open"),
        "left": max(0, answering.for_rehearsals(assistant) - answering.spent_today(assistant))
        if assistant
        else 0,
        "cost": (assistant.prompt_tokens + requests.MOST) * QUESTIONS if assistant else 0,
        "count": QUESTIONS,
        "may_write": articles.may_publish(member) and member.enterprise_id == enterprise.pk,
    }
    return show(request, enterprise, "rehearsal.html", context)


def ended(row: AssistantRehearsal, only_open: bool) -> QuerySet[AssistantTask]:
    """The questions that have come to an end, with what their answers stand on."""
    code = row.enterprise.code
    cited = AssistantCitation.objects.filter(theirs(code))
    cited = cited.select_related("article").defer("article__body")
    tasks = rehearsal.tasks_of(row).exclude(state__in=AssistantTask.UNFINISHED).order_by("pk")
    tasks = tasks.prefetch_related(Prefetch("citations", cited))
    return tasks.filter(judgement="") if only_open else tasks


def lines(enterprise: Enterprise, tasks: list[AssistantTask]) -> list[dict]:
    """Questions as the page shows them. Their articles are those that are still there."""
    people = rehearsal.people_of(enterprise.code, tasks)
    found = []
    for task in tasks:
        name, said = people.get(task.pk, ("", ""))
        citations = list(task.citations.all())
        carried = drafts.carried(enterprise, citations)
        found.append(
            {
                "task": task,
                "outcome": rehearsal.outcome(task),
                "pieces": list(pieces(rehearsal.answer(task), carried)),
                "citations": carried,
                "articles": list(
                    {one.article_id: one.article for one in citations if one.article}.values()
                ),
                "why": causes.TEXTS.get(task.cause, ""),
                "name": name,
                "said": said,
            }
        )
    return found


def act(request: HttpRequest, enterprise: Enterprise, assistant: Assistant | None) -> HttpResponse:
    action = request.POST.get("action")
    if action == "begin":
        begin(request, enterprise, assistant)
    elif action == "stop":
        row = rehearsal.asked(enterprise).first()
        if row:
            rehearsal.stop(row)
    elif action == "judge":
        return judge(request, enterprise)
    else:
        raise Refused("bad_field", "action is begin, stop or judge.", field="action")
    return redirect(place("assistant-rehearsal", request, enterprise))


def begin(request: HttpRequest, enterprise: Enterprise, assistant: Assistant | None) -> None:
    """Leaves the newest questions of the last weeks to the server's processes, and says how many
    there are."""
    if assistant is None or not assistant.is_set_up:
        raise Http404
    member, origin = cast(Member, request.user), audit.of_request(request)
    today = timezone.now().astimezone(hours.zone_named(enterprise.zone)).date()
    with transaction.atomic():
        # Two presses at once are one rehearsal.
        Assistant.objects.select_for_update().get(pk=assistant.pk)
        former = rehearsal.asked(enterprise).first()
        if former and rehearsal.busy(former):
            return
        _row, tasks = rehearsal.begin(
            assistant,
            today - timedelta(DAYS),
            today,
            origin,
            most=QUESTIONS,
            member=member if member.enterprise_id == enterprise.pk else None,
        )
        rehearsal.queue(tasks)
    if not tasks:
        messages.warning(request, _("Nobody has asked anything in the last 28 days."))
        return
    said = ngettext("%(n)d question is rehearsed.", "%(n)d questions are rehearsed.", len(tasks))
    messages.success(request, said % {"n": len(tasks)})


def judge(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    """Keeps what somebody thinks of an answer; the same press again takes it back."""
    pk = parse_number(request.POST.get("task", ""), "task")
    judgement = request.POST.get("judgement", "")
    if judgement not in Judgement.values:
        raise Refused("bad_field", "judgement is right, nearly or wrong.", field="judgement")
    if not rehearsal.judge(enterprise, pk, judgement):
        raise Http404
    shown = {"only": "open"} if request.POST.get("only") == "open" else {}
    if number := parse_number(request.POST.get("page") or "0", "page"):
        shown["page"] = str(number)
    return redirect(place("assistant-rehearsal", request, enterprise, **shown) + f"#q{pk}")
