"""What visitors do to their conversation beside writing in it: rate it, end it, take it along."""

from dataclasses import dataclass
from functools import wraps
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Enterprise
from accounts.requests import error_page, wants_json
from chat import transcripts
from chat.conversations import seating
from chat.posting import batches
from chat.posting.actions import Ending, Rating, Recall
from chat.protocol import forms
from chat.protocol.errors import Refused

from ..limits import limits
from ..models import Conversation
from . import visitor
from .common import json, number, refusal, tell_wait, unauthorised


@dataclass(slots=True)
class Visit:
    """A visitor at the door of a team, and their conversation with it, if they have one."""

    enterprise: Enterprise
    who: str
    group: str | None
    keys: dict[str, str]
    page: str


def for_the_visitor(view):
    """`view` gets the request and the Visit of who sent it, and answers, or refuses."""

    @never_cache
    @visitor.limited
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
        enterprise, team = visitor.door(request, ent_id)
        if not enterprise.is_open:
            return visitor.closed(request)
        guest = visitor.guest_of(request, enterprise)
        page = visitor.page_url(request, enterprise)
        if guest is None:
            return unauthorised() if wants_json(request) else redirect(page)
        try:
            if guest.blocked:
                raise guest.closed_out()
            group = seating.find(guest.uuid, team.id)
            keys = visitor.keys_of(request, guest.uuid, enterprise.code)
            return view(request, Visit(enterprise, guest.uuid, group, keys, page))
        except Refused as refused:
            if wants_json(request):
                return refusal(refused)
            if guest.blocked:
                return visitor.closed_out(request, enterprise, guest)
            return tell_wait(visitor.show(request, enterprise, team, guest, refused), refused)

    return guarded


def does(view):
    """For what is done to the conversation: `view` answers what."""

    @require_POST
    @for_the_visitor
    @wraps(view)
    def done(request: HttpRequest, visit: Visit) -> HttpResponse:
        item = view(request, visit)
        written(visit)
        limits.take("message", visit.keys)
        batches.do(item)
        return json({"ok": True}) if wants_json(request) else redirect(visit.page)

    return done


def written(visit: Visit) -> str:
    if visit.group is None:
        raise Refused("not_found", "You have not written yet.")
    return visit.group


@does
def rate(request: HttpRequest, visit: Visit) -> Rating:
    """The visitor's word on the latest reception of the team of the page."""
    score = request.POST.get("score", "")
    frame = {
        "score": int(score) if score in ("1", "2", "3", "4", "5") else None,
        "comment": request.POST.get("comment"),
    }
    form = forms.rate(frame, visitor=True)
    return Rating(visit.who, visit.group, form.score, form.comment)


@does
def recall(request: HttpRequest, visit: Visit) -> Recall:
    """Takes back the own message `seq`."""
    return Recall(visit.who, visit.group, number(request.POST.get("seq", ""), "seq"))


@does
def end(request: HttpRequest, visit: Visit) -> Ending:
    """Ends the reception, as an agent's closing does."""
    return Ending(visit.who, visit.group)


@require_http_methods(["GET", "HEAD", "POST"])
@for_the_visitor
def transcript(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET: the conversation as a text file. POST: the same by mail, to `email`. Both take the
    `zone` whose times are meant."""
    found = Conversation.objects.select_related("team").get(uuid=written(visit))
    if request.method == "POST":
        return send(request, visit, found)
    limits.take("transcript", visit.keys)
    text = transcripts.text_of(found, visit.enterprise, request.GET.get("zone", ""))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"{visit.enterprise.code}-{timezone.now():%Y-%m-%d}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def send(request: HttpRequest, visit: Visit, found: Conversation) -> HttpResponse:
    to = transcripts.address(request.POST.get("email", ""))
    transcripts.check_answered(found)
    # By its digest: limits are told to other processes, and people's addresses need not be.
    recipient = sha256(to.lower().encode()).hexdigest()
    limits.take("mail", visit.keys | {"recipient": recipient})
    transcripts.mail(found, visit.enterprise, request.POST.get("zone", ""), to)
    if wants_json(request):
        return json({"ok": True})
    detail = _("The conversation is being sent to %(email)s.") % {"email": to}
    return error_page(request, 200, _("Sending"), detail)
