"""The assistant's page: how it works, which model it asks, and a test of that model."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, factors
from accounts.forms import secrets
from accounts.models import Assistant, Enterprise, Member
from accounts.sentences import listed
from chat.assistant import answering, assistants, causes, endpoint, figures, rehearsal
from chat.embeddings import filling
from chat.limits import limits, member_keys
from chat.models import AssistantTask

from .administration import as_form, ask_first, chosen, for_keys, for_managers, pages_of, place
from .assistant_forms import LABELS, EndpointForm, WorkForm, is_stored

TITLE = gettext_lazy("AI assistant")
for_assistant = for_managers(TITLE)
show = pages_of("assistant", TITLE)
SECTIONS = (
    (gettext_lazy("How it works"), ("mode", "when", "teams")),
    (gettext_lazy("What people answer"), ("human_words", "anger_words")),
    (gettext_lazy("What it says word for word"), tuple(LABELS)),
    (gettext_lazy("Tone and tokens"), ("tone", "daily_tokens")),
)
ENDPOINT = ((gettext_lazy("Model"), ("url", "model", "key", "without_key", "prompt_tokens")),)


def set_up_or_404(enterprise: Enterprise) -> Assistant:
    found = assistants.of(enterprise.code)
    if found is None or not found.is_set_up:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@for_assistant
@audit.recorded
def page(request: HttpRequest) -> HttpResponse:
    """GET: how it works, with its figures. POST: the form. Until a model is named: what that
    takes."""
    enterprise = chosen(request)
    assistant = assistants.of(enterprise.code)
    if assistant is None or not assistant.is_set_up:
        return begin(request, enterprise, assistant)
    form = WorkForm(instance=assistant)
    if request.method == "POST":
        locked = Assistant.objects.select_for_update().get(pk=assistant.pk)
        form = WorkForm(request.POST, instance=locked)
        if form.is_valid() and form.begins and "sure" not in request.POST:
            return ask(request, enterprise, form)
        if form.is_valid() and is_stored(form):
            messages.success(request, _("Saved."))
            return redirect(request.get_full_path())
    asked = request.GET.get("days", "")
    days = next((one for one in figures.PERIODS if asked == str(one)), figures.PERIODS[0])
    context = {
        "assistant": assistant,
        "days": days,
        "periods": figures.PERIODS,
        "rows": place("assistant-tasks", request, enterprise, days=days),
        "numbers": in_words(figures.read(figures.Period.last(enterprise, days))),
        "today": answering.spent_today(assistant),
        "embeddings": filling.state(enterprise),
        **as_form(form, SECTIONS),
    }
    return show(request, enterprise, "page.html", context)


def begin(request: HttpRequest, enterprise: Enterprise, found: Assistant | None) -> HttpResponse:
    """The page of an enterprise whose assistant has no model yet."""
    context: dict = {"empty": True, "embeddings": filling.state(enterprise)}
    if factors.fresh.is_fresh(request):
        form = EndpointForm(instance=found or Assistant(enterprise=enterprise))
        context |= as_form(form, ENDPOINT) | {
            "form_url": place("assistant-model", request, enterprise),
            "cancel": reverse("admin:index"),
        }
    return show(request, enterprise, "model.html", context)


def in_words(numbers: dict) -> dict:
    """With shares in per cent, and the causes in words, each with its share of the largest."""
    most = max((n for _cause, n in numbers["why"]), default=0)
    return numbers | {
        "answered_share": share(numbers["answered"], numbers["asked"]),
        "refused_share": share(numbers["refused"], numbers["asked"]),
        "alone_share": share(numbers[figures.ALONE], numbers[figures.ENDED]),
        "why": [(cause, causes.TEXTS.get(cause, cause), n, most) for cause, n in numbers["why"]],
    }


def share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def ask(request: HttpRequest, enterprise: Enterprise, form: WorkForm) -> HttpResponse:
    """Asks before visitors are answered by the assistant: what happens, and what is known of it."""
    teams = listed(team.name for team in form.cleaned_data["teams"])
    lines = [
        _("From the next conversation on, it answers visitors of: %(teams)s") % {"teams": teams},
        _("People take over where no article proves an answer, or a visitor asks for them."),
        experience(enterprise),
    ]
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    kept = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
    title, act = _("Let the assistant answer visitors?"), _("Answer visitors")
    return ask_first(request, title, lines, kept, act=act, back=request.get_full_path())


def experience(enterprise: Enterprise) -> str:
    """What was found before: the last rehearsal, else trials."""
    if found := rehearsal.last(enterprise):
        text = _("In the last rehearsal, of %(n)d: proven %(answered)d, not proven %(refused)d.")
    else:
        month = figures.tasks(figures.Period.last(enterprise, 30))
        found = rehearsal.totals(month.filter(kind=AssistantTask.Kind.TRIAL))
        text = _("In trials of 30 days, of %(n)d: proven %(answered)d, not proven %(refused)d.")
    if not found["questions"]:
        return _("Nobody has tried it yet: a trial shows what it would answer.")
    return text % {**found, "answered": found["proven"], "n": found["questions"]}


@for_keys(for_assistant)
@audit.recorded
def model(request: HttpRequest) -> HttpResponse:
    """The endpoint, the model and the key. Whoever changes them leads elsewhere what visitors
    write."""
    enterprise = chosen(request)
    found = assistants.of(enterprise.code)
    if found and request.method == "POST":
        found = Assistant.objects.select_for_update().get(pk=found.pk)
    form = EndpointForm(request.POST or None, instance=found or Assistant(enterprise=enterprise))
    secrets.filled_in_by(cast(Member, request.user), form)
    if request.method == "POST" and form.is_valid() and is_stored(form, enterprise):
        messages.success(request, _("Saved. Now test the connection."))
        return redirect(place("assistant", request, enterprise))
    back = "" if found and found.is_set_up else place("assistant", request, enterprise)
    context = as_form(form, ENDPOINT) | {"empty": found is None, "cancel": back}
    return show(request, enterprise, "model.html", context)


@require_POST
@for_assistant
def test(request: HttpRequest) -> HttpResponse:
    """Asks the endpoint, which may take as long as visitors wait at most, and keeps what came of
    it. No transaction waits meanwhile."""
    enterprise = chosen(request)
    assistant = set_up_or_404(enterprise)
    limits.take("assistant", member_keys(cast(Member, request.user).uuid))
    found = endpoint.try_out(assistant)
    asked = {name: getattr(assistant, name) for name in ("pk", "url", "model", "sealed")}
    Assistant.objects.filter(**asked).update(test=found, tested_at=timezone.now())
    return redirect(place("assistant", request, enterprise) + "#model")
