"""Several conversations of the inbox at once: closed, or transferred to a team or a colleague."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.requests import error_page, wants_json
from chat.limits import limits, member_keys
from chat.posting import several
from chat.presence import leases
from chat.protocol import checks, fields
from chat.protocol.errors import Refused, explain
from chat.protocol.forms import ActionForm
from chat.reading import inbox
from chat.views.common import json_response
from chat.views.refusals import answer_refusals

from .actions import frame_of
from .workspace import for_agents, render_workspace, selection_of

NAMED = 10
"""Conversations that are named to whoever has no scripts; of more only the number is told."""
WHY = {
    "claimed": gettext_lazy("a colleague has claimed it"),
    "conflict": gettext_lazy("not possible in its present state"),
    "forbidden": gettext_lazy("you do not have permission"),
    "merged": gettext_lazy("it became a part of another conversation"),
    "not_found": gettext_lazy("you are not a participant"),
}
"""Why one of them was left as it is, by the code of its refusal."""


def refused_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    known = {
        "bad_field": _("Choose some conversations, 100 at the most, and what to do with them.")
    }
    detail = known.get(refused.code) or explain(refused)
    return error_page(request, refused.status, _("Nothing was changed"), detail)


@require_POST
@for_agents
@answer_refusals(refused_page)
def perform(request: HttpRequest) -> HttpResponse:
    """Performs `action` on each `group`, 1 to 100 of them, with the fields of a single one. A plain
    form gives the receiver as `to` (`team:SLUG` or `member:UUID`), and asks before it does
    anything: with `sure` it is done."""
    member = request.user
    several.refuse_others(member)
    forms = read_forms(request)
    if not wants_json(request) and request.POST.get("sure") != "1":
        return render_workspace(request, None, asked=forms)
    limits.take("message", member_keys(member.uuid), len(forms))
    leases.come_back(member)
    outcome = several.perform(member, forms)
    if wants_json(request):
        return json_response(facts(outcome))
    tell(request, forms[0].name, outcome)
    chosen, _before = selection_of(request)
    response = redirect("workspace")
    response["Location"] += chosen.query
    return response


def read_forms(request: HttpRequest) -> list[ActionForm]:
    """One checked form for each conversation that was chosen."""
    given = request.POST.getlist("group")
    groups = dict.fromkeys(fields.uuid({"group": group}, "group") for group in given)
    if not 1 <= len(groups) <= several.MOST or request.POST.get("action") not in several.ACTIONS:
        names = ", ".join(several.ACTIONS)
        raise Refused("bad_field", f"group: 1 to {several.MOST} of them; action: {names}.")
    kind, _colon, receiver = request.POST.get("to", "").partition(":")
    to = {kind: receiver} if kind in ("team", "member") else {}
    return [checks.check_frame(frame_of(request, group) | to, visitor=False) for group in groups]


def facts(outcome: several.Outcome) -> dict:
    """The answer to a script. `why` is for people, `error` and the rest are as in any refusal."""
    refused = [
        {**one.facts, "group": group, "error": one.code, "detail": one.detail, "why": why(one)}
        for group, one in outcome.refused.items()
    ]
    return {"done": outcome.done, "same": outcome.same, "refused": refused}


def why(refused: Refused) -> str:
    if refused.code == "claimed":
        return _("%(name)s has claimed it") % {"name": refused.facts["claimed_name"]}
    if refused.code == "not_found" and {"member", "team"} & refused.facts.keys():
        return _("this colleague or team no longer exists")
    return str(WHY.get(refused.code, _("try again in a moment")))


def tell(request: HttpRequest, action: str, outcome: several.Outcome) -> None:
    """What was done, and what was not and why, as lines on the next page."""
    number = len(outcome.done)
    done = {
        "close": ngettext("%(n)d conversation closed", "%(n)d conversations closed", number),
        "transfer": ngettext(
            "%(n)d conversation transferred", "%(n)d conversations transferred", number
        ),
    }
    if number and action in done:
        messages.success(request, done[action] % {"n": number})
    rows = inbox.rows_of(request.user.uuid, request.user.enterprise.code, list(outcome.refused))
    names = {row["group"]: row["group_name"] for row in rows}
    for group in list(outcome.refused)[:NAMED]:
        name = names.get(group, _("A conversation"))
        about = {"name": name, "why": why(outcome.refused[group])}
        messages.warning(request, _("Not done: %(name)s (%(why)s)") % about)
    more = len(outcome.refused) - NAMED
    if more > 0:
        line = ngettext("%(n)d more was not done", "%(n)d more were not done", more)
        messages.warning(request, line % {"n": more})
