"""What the forms on a customer's page ask for, done: in the administration, and beside the
workspace, where only what a member may do in the conversations of their seats is done."""

import uuid
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Member
from chat.background import upkeep
from chat.customers import links
from chat.limits import limits, member_keys
from chat.models import LegalHold, Visitor
from chat.posting import batches, beginnings, visitor_forms
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused, explain

from . import edits, page

DONE = {
    "block": _("The visitor is blocked."),
    "unblock": _("The visitor may write again."),
    "erase": _("The visitor was erased."),
    "hold": _("The legal hold is placed."),
    "lift": _("The legal hold is lifted."),
    "link": _("They are shown as one customer from now on."),
    "part": _("They are two customers again."),
    "attributes": _("The attributes are saved."),
    "note": _("The note is written."),
    "tag": _("The tag is added."),
    "untag": _("The tag is removed."),
}
"""What is said once something was done."""


Form = Mapping[str, str]


def answer(
    request: HttpRequest, people: list[Visitor], show: Callable[[Refused], HttpResponse]
) -> HttpResponse:
    """Does what a form asks for about these visitors of a customer, those with whom the member may
    do anything. `show` is the page with a form that was refused, and what was written in it."""
    member: Member = request.user  # type: ignore[assignment]  # Whoever reads the page.
    form = request.POST.dict()
    name = form.get("action", "")
    try:
        if not people:
            raise Refused("forbidden", "You have no seat in a conversation of this customer.")
        if name == "begin":
            return redirect("conversation", begin(member, people, form))
        act(member, people, form, audit.of_request(request))
    except Refused as refused:
        if not refused.facts.get("wrong"):
            messages.error(request, str(explain(refused)))
        if name == "begin" or name in edits.EDITS:
            return show(refused)
    else:
        # The sockets of a visitor who is blocked now are closed with the next upkeep.
        upkeep.soon()
        messages.success(request, DONE[name])
    return redirect(request.get_full_path())


def begin(member: Member, people: list[Visitor], form: Form) -> str:
    """Writes to the visitor who names the customer; returns the conversation (uuid)."""
    limits.take("message", member_keys(member.uuid))
    given = {**form, "visitor": people[0].uuid}
    return beginnings.begin(member, given).group


def act(member: Member, people: list[Visitor], form: Form, origin: audit.Origin) -> None:
    """Links or parts a visitor, or does something about all. Refuses what is unknown, and what the
    member may not do."""
    name = form.get("action", "")
    if name not in DONE:
        known = ", ".join(DONE)
        raise Refused("bad_field", f"action is one of {known}.")
    limits.take("message", member_keys(member.uuid))
    if name == "link":
        links.link(member, people[0].uuid, form.get("other", ""), origin=origin)
    elif name == "part":
        links.part(member, form.get("other", ""), origin)
    elif name in edits.EDITS:
        edits.EDITS[name](member, people, form)
    else:
        for action in asked(member, people, form, origin):
            batches.do(action)


def asked(
    member: Member, people: list[Visitor], form: Form, origin: audit.Origin
) -> list[VisitorAction]:
    """What a form asks for about each of these visitors, from their latest conversation if they
    have one. Those on whom a hold is placed come first: an erasure of them is refused before
    anything is erased."""
    latest, found = page.latest_groups(people, member), []
    for visitor in people:
        group = latest.get(visitor.uuid, "")
        action = visitor_forms.check(form, member.uuid, group)
        if action.name == "hold" and not (action.whole or group):
            raise Refused("not_found", "There is no conversation to be kept.")
        action.visitor, action.address = visitor.uuid, origin.address
        holds = LegalHold.objects.of(visitor.uuid, visitor.ent_id)
        if action.name == "lift" and not holds.filter(pk=action.hold).exists():
            continue
        found.append((not holds.exists(), action))
    return [action for _free, action in sorted(found, key=lambda pair: pair[0])]


def drafts(people: list[Visitor], values: dict, form: Form, wrong: Mapping) -> dict:
    """What the page's forms take besides page.context: `values` are those of the attributes. What
    was written in a refused `form` stands in it again, with what was `wrong`."""
    return {
        "draft": form,
        "wrong": wrong,
        "client_ids": {"begin": uuid.uuid4(), "note": uuid.uuid4()}
        | {form.get("action"): form.get("client_id")},
        "fields": edits.fields(people[0].ent_id, values, form, wrong),
    }
