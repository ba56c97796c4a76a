"""Quick questions: a page on which leaders edit those of the teams that they lead, and managers all
of their enterprise's."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.admin.seen import Seen
from accounts.forms.texts import TextsForm
from accounts.models import Enterprise, Member
from chat.knowledge import articles
from chat.models import QuickQuestion
from chat.models.canned import led_by

from .workspace import for_agents


class QuestionForm(Seen, TextsForm):
    """A question of one of the member's teams, in each language of the site."""

    class Meta:
        model = QuickQuestion
        fields = ["team", "question", "answer", "article", "position"]
        help_texts = {"article": _("Shown under the answer.")}
        widgets = {"answer": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, member: Member, *args, **kwargs):
        enterprise: Enterprise = member.enterprise  # type: ignore[assignment]  # who has teams
        self.language = enterprise.text_language
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = led_by(member).order_by("name")
        self.fields["team"].empty_label = None
        own = articles.readable(enterprise).order_by("slug", "lang")
        titles = dict(own.values_list("slug", "title"))
        if self.instance.article:
            titles.setdefault(self.instance.article, self.instance.article)
        self.fields["article"].widget = forms.Select(choices=[("", "—"), *titles.items()])


def of_member(member: Member):
    """The questions that a member may change. Raises PermissionDenied for who leads no team."""
    teams = led_by(member)
    if not teams.exists():
        raise PermissionDenied
    return QuickQuestion.objects.filter(team__in=teams)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def questions(request: HttpRequest) -> HttpResponse:
    """GET: the questions that the member may change. POST: adds one."""
    return edit(request, of_member(request.user), QuickQuestion())


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: one of them. POST: changes it, or removes it with `delete`."""
    rows = of_member(request.user)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "POST" and "delete" in request.POST:
        with audit.during(request):
            found.delete()
        messages.success(request, _("The question is deleted."))
        return redirect("team-questions")
    return edit(request, rows, found)


def edit(request: HttpRequest, rows, found: QuickQuestion) -> HttpResponse:
    """The page with the form for `found`, and the list."""
    fields = request.POST if request.method == "POST" else None
    form = QuestionForm(request.user, fields, instance=found)
    if request.method == "POST" and form.is_valid():
        with audit.during(request):
            form.save()
        messages.success(request, _("The question is saved."))
        return redirect("team-questions")
    rows = rows.select_related("team").order_by("team__name", "team", "position", "pk")
    context = {"form": form, "rows": rows, "question": found}
    return render(request, "chat/agent/questions.html", context, status=400 if form.errors else 200)
