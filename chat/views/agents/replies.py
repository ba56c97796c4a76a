"""Canned replies: as JSON for the composer, and a page on which members edit them."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.models import Member
from accounts.requests import wants_json
from chat.models.canned import CannedReply, led_by
from chat.views.common import json_response

from .workspace import for_agents

MAX_REPLIES = 1000
"""The most replies of one member, of one team, and of one enterprise."""
PERSONAL, ENTERPRISE = "", "all"
"""Values of the field `whose`, besides the id of a team."""


class ReplyForm(forms.ModelForm):
    """A reply. `whose` is empty for the member's own, `all` for the enterprise's, or the id of a
    team that the member leads."""

    whose = forms.ChoiceField(label=gettext_lazy("For"), required=False)

    class Meta:
        model = CannedReply
        fields = ["title", "content"]
        widgets = {"content": forms.Textarea(attrs={"rows": 4, "dir": "auto"})}

    field_order = ["title", "content", "whose"]

    def __init__(self, member: Member, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.member = member
        self.teams = {str(team.pk): team for team in led_by(member).order_by("name")}
        shared = [(ENTERPRISE, _("Everyone in the enterprise"))] if member.is_manager else []
        shared += [(key, team.name) for key, team in self.teams.items()]
        self.fields["whose"].choices = [(PERSONAL, _("Only me")), *shared]
        if not shared:
            del self.fields["whose"]
        elif self.instance.pk and self.instance.owner_id is None:
            self.initial["whose"] = str(self.instance.team_id or ENTERPRISE)

    def clean(self):
        cleaned = super().clean()
        whose = cleaned.get("whose") or PERSONAL
        reply = self.instance
        reply.enterprise = self.member.enterprise
        reply.owner = self.member if whose == PERSONAL else None
        reply.team = self.teams.get(whose)
        same = CannedReply.objects.filter(
            enterprise=reply.enterprise, owner=reply.owner, team=reply.team
        )
        if same.exclude(pk=reply.pk).count() >= MAX_REPLIES:
            raise ValidationError(_("The limit is reached. Delete some first."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def replies(request: HttpRequest) -> HttpResponse:
    """GET: the replies that the member may use. POST: adds one."""
    if request.method != "POST" and wants_json(request):
        return json_response({"replies": reply_objects(request.user)})
    return edit(request, CannedReply())


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: a reply that the member may edit. POST: changes it, or removes it with `delete`."""
    found = CannedReply.objects.editable_by(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "POST" and "delete" in request.POST:
        with audit.during(request):
            found.delete()
        messages.success(request, _("The reply is deleted."))
        return redirect("canned-replies")
    return edit(request, found)


def edit(request: HttpRequest, found: CannedReply) -> HttpResponse:
    """The page with the form for `found`, and the list of replies that match the query `q`."""
    fields = request.POST if request.method == "POST" else None
    form = ReplyForm(request.user, fields, instance=found)
    if request.method == "POST" and form.is_valid():
        with audit.during(request):
            form.save()
        messages.success(request, _("The reply is saved."))
        return redirect("canned-replies")
    wanted = request.GET.get("q", "").strip()
    rows = CannedReply.objects.for_member(request.user).select_related("team")
    if wanted:
        rows = rows.filter(Q(title__icontains=wanted) | Q(content__icontains=wanted))
    may_edit = set(CannedReply.objects.editable_by(request.user).values_list("pk", flat=True))
    context = {"form": form, "rows": rows, "may_edit": may_edit, "wanted": wanted, "reply": found}
    context["leads"] = bool(form.teams)
    status = 400 if form.errors else 200
    return render(request, "chat/agent/replies.html", context, status=status)


def reply_objects(member: Member) -> list[dict]:
    """The replies that the member may use, as docs/protocol.md describes them."""
    rows = CannedReply.objects.for_member(member).select_related("team")
    return [
        {
            "id": row.pk,
            "title": row.title,
            "content": row.content,
            "team": row.team.name if row.team else None,
            "personal": row.owner_id is not None,
        }
        for row in rows
    ]
