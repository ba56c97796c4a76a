"""What answers of people would add to articles, for those who publish."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.sentences import Words
from chat.assistant import proposals
from chat.protocol.errors import Refused, explain
from chat.views.common import parse_number
from chat.views.refusals import answer_refusals

from .desks import Desk, for_writers


def show(desk: Desk, problem: Words = "", status: int = 200) -> HttpResponse:
    found = proposals.of(desk.member)
    if proposals.without_seat(desk.member, found):
        desk.note_reading()
    context = {"title": _("Proposals"), "proposals": found, "problem": problem}
    return desk.show("proposals", context, status)


def again(request: HttpRequest, refused: Refused, desk: Desk) -> HttpResponse:
    return show(desk, explain(refused), refused.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
@answer_refusals(again)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the proposals. POST: the `task` is none."""
    if not desk.may_publish:
        raise PermissionDenied
    if request.method == "POST":
        if not proposals.dismiss(desk.member, parse_number(request.POST.get("task", ""), "task")):
            raise Http404
        messages.success(request, _("The proposal is dismissed."))
        return redirect(desk.address("proposals"))
    return show(desk)
