"""What visitors do to their conversation besides writing in it: they rate it, recall a message, ask
for a person, end it, get a transcript, say where answers are mailed to, and whether one helped."""

from dataclasses import dataclass
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Enterprise, Team
from accounts.requests import as_file, error_page, wants_json
from chat import transcripts
from chat.assistant import votes
from chat.conversations import seating
from chat.limits import limits, recipient_key
from chat.models import Conversation
from chat.posting import batches, own_address
from chat.posting.actions import Ending, Rating, Recall, Wish
from chat.protocol import checks, introduction
from chat.protocol.errors import Refused
from chat.views.common import done, json_response, parse_number, unauthorised
from chat.views.refusals import answer_refusals, for_address, limit_requests
from chat.visitors.cookies import Guest

from . import guests, visitor


@dataclass(slots=True)
class Visit:
    """A visitor who opened the chat with a team."""

    enterprise: Enterprise
    guest: Guest
    group: str | None
    """The uuid of their conversation with the team, if there is one."""
    keys: dict[str, str]
    """For whom the request is counted, as `Limits.take` expects it."""
    page: str
    """The address of the chat page."""

    @property
    def who(self) -> str:
        """The visitor's uuid."""
        return self.guest.uuid

    def conversation_uuid(self) -> str:
        """The uuid of the conversation, or `Refused` if nothing was written yet."""
        if self.group is None:
            raise Refused("not_found", "You have not written yet.")
        return self.group


def for_the_visitor(view):
    """Decorates a view: it gets the request and the Visit of the visitor who sent it. What it
    refuses is answered by JSON, or by the chat page with the reason."""

    @answer_refusals(visitor.render_refused)
    def checked(
        request: HttpRequest, enterprise: Enterprise, team: Team, guest: Guest
    ) -> HttpResponse:
        if guest.blocked:
            raise guest.closed_out()
        group = seating.find(enterprise.code, guest.uuid, team.id)
        keys = guests.limit_keys(request, guest.uuid, enterprise.code)
        page = guests.chat_url(request, enterprise)
        return view(request, Visit(enterprise, guest, group, keys, page))

    @never_cache
    @limit_requests(for_address)
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str) -> HttpResponse:
        enterprise, team = guests.enterprise_and_team_or_404(request, ent_id)
        if not enterprise.is_open:
            return guests.closed_page(request)
        guest = guests.guest_of(request, enterprise, team)
        if guest is None and wants_json(request):
            return unauthorised()
        if guest is None:
            return redirect(guests.chat_url(request, enterprise))
        return checked(request, enterprise, team, guest)

    return guarded


def conversation_action(item_of):
    """Decorates a function that gets the request and the Visit and returns an item for
    `batches.do`. The result is a view for POST that does the item."""

    @require_POST
    @for_the_visitor
    @wraps(item_of)
    def performed(request: HttpRequest, visit: Visit) -> HttpResponse:
        item = item_of(request, visit)
        visit.conversation_uuid()
        limits.take("message", visit.keys)
        batches.do(item)
        return done(request, visit.page)

    return performed


@conversation_action
def rate(request: HttpRequest, visit: Visit) -> Rating:
    """Rates the latest reception: `score` 1 to 5, and a `comment`."""
    score = request.POST.get("score", "")
    frame = {
        "score": int(score) if score in ("1", "2", "3", "4", "5") else None,
        "comment": request.POST.get("comment"),
    }
    form = checks.check_rating(frame, visitor=True)
    return Rating(visit.who, visit.group, form.score, form.comment)


@conversation_action
def recall(request: HttpRequest, visit: Visit) -> Recall:
    """Recalls the visitor's own message `seq`."""
    return Recall(visit.who, visit.group, parse_number(request.POST.get("seq", ""), "seq"))


@conversation_action
def end(request: HttpRequest, visit: Visit) -> Ending:
    """Ends the reception, as an agent does by closing the conversation."""
    return Ending(visit.who, visit.group)


@conversation_action
def wish(request: HttpRequest, visit: Visit) -> Wish:
    """Has people answer instead of the bot."""
    return Wish(visit.who, visit.group)


@require_POST
@for_the_visitor
def helpful(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stores whether (`helpful`, 1 or 0) the assistant's answer `seq` has helped."""
    limits.take("helpful", visit.keys)
    said = {"1": True, "0": False}.get(request.POST.get("helpful", ""))
    if said is None:
        raise Refused("bad_field", "helpful is 1 or 0.", field="helpful")
    seq = parse_number(request.POST.get("seq", ""), "seq")
    votes.vote(visit.enterprise.code, visit.conversation_uuid(), seq, said)
    return done(request, visit.page)


@require_POST
@for_the_visitor
def address(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keeps `email` as the address to which answers are mailed."""
    if visit.guest.only:
        raise Refused("forbidden", "This browser came by a mailed link.")
    limits.take("message", visit.keys)
    email = introduction.check({"email": request.POST.get("email", "")}).email
    if not email:
        raise introduction.field_refusal("email", "email is an address such as li@example.com.")
    own_address.give(visit.who, email)
    return json_response({"email": email}) if wants_json(request) else redirect(visit.page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_the_visitor
def transcript(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET: the conversation as a text file. POST: sends it by mail to `email`. The times in it are
    those of the time zone `zone`."""
    conversation = Conversation.objects.select_related("team").get(uuid=visit.conversation_uuid())
    if request.method == "POST":
        return mail_transcript(request, visit, conversation)
    limits.take("transcript", visit.keys)
    note_transcript(visit, conversation, "file")
    zone_name = request.GET.get("zone", "")
    text = transcripts.transcript_text(conversation, visit.enterprise, zone_name)
    zone, _shown = transcripts.find_zone(zone_name)
    name = f"{visit.enterprise.code}-{timezone.now().astimezone(zone):%Y-%m-%d}.txt"
    return as_file(text, name, "text/plain; charset=utf-8")


def mail_transcript(request: HttpRequest, visit: Visit, conversation: Conversation) -> HttpResponse:
    to = transcripts.check_email(request.POST.get("email", ""))
    transcripts.check_answered(conversation)
    limits.take("mail", visit.keys | {"recipient": recipient_key(to)})
    note_transcript(visit, conversation, "mail")
    transcripts.send_transcript(conversation, visit.enterprise, request.POST.get("zone", ""), to)
    if wants_json(request):
        return json_response({"ok": True})
    detail = _("The conversation is being sent to %(email)s.") % {"email": to}
    return error_page(request, 200, _("Sending"), detail, visit.page)


def note_transcript(visit: Visit, conversation: Conversation, way: str) -> None:
    about = {"kind": "conversation", "object_id": conversation.uuid, "details": {"as": way}}
    guests.note_export(visit.enterprise, visit.who, "visitor-transcript", **about)
