"""What answers of people would add to articles, for those who publish."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chat.assistant import proposals
from chat.views.common import parse_number
from chat.views.refusals import answer_refusals

from .desks import Desk, for_writers


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
@answer_refusals()
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the proposals. POST: the `task` is none."""
    if not desk.may_publish:
        raise PermissionDenied
    if request.method == "POST":
        if not proposals.dismiss(desk.member, parse_number(request.POST.get("task", ""), "task")):
            raise Http404
        messages.success(request, _("The proposal is dismissed."))
        return redirect(desk.address("proposals"))
    found = proposals.of(desk.member)
    return desk.show("proposals", {"title": _("Proposals"), "proposals": found})
