"""The visitor's page, and its messages by HTTP: without JavaScript, or while no socket holds."""

import uuid
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Enterprise, Team
from accounts.requests import error_page, wants_json
from chat import metrics
from chat.conversations import questions, seating
from chat.posting.batches import Draft
from chat.presence import leases
from chat.protocol.errors import Refused, words
from chat.reading import pages
from chat.sockets import hello
from chat.visitors import challenges, choices, contacts, cookies, invitations, sightings, spam

from ..limits import limits, of_address, of_visitor
from ..models import Conversation
from .common import (
    history_page,
    json,
    number,
    posted,
    refusal,
    store,
    tell_wait,
    too_much,
    unauthorised,
)
from .framing import allow_framing, embedded, host_of, may_host, page_query, speak

FACES = 5


def limited(view):
    """Counts the request for its address before anything is read for it."""

    @wraps(view)
    def counted(request: HttpRequest, ent_id: str) -> HttpResponse:
        try:
            limits.take("fetch", of_address(request.META.get("REMOTE_ADDR", "")))
        except Refused as refused:
            return too_much(request, refused)
        return view(request, ent_id)

    return counted


def keys_of(request: HttpRequest, who: str | None, ent_id: str) -> dict[str, str]:
    """For whom the request is counted; `ent_id` is the enterprise's code as it is stored. In an
    address MariaDB takes other spellings for the same, each of which would have own limits."""
    return of_visitor(who, request.META.get("REMOTE_ADDR", ""), ent_id)


@require_safe
@never_cache
@limited
def page(request: HttpRequest, ent_id: str) -> HttpResponse:
    """The chat with the enterprise's team. Looking stores nothing but the cookie."""
    enterprise, team = door(request, ent_id)
    if not enterprise.is_open:
        return allow_framing(closed(request), request, enterprise)
    guest = guest_of(request, enterprise)
    token = None
    if guest and not guest.session:
        cookie = request.COOKIES[cookies.cookie_name(enterprise)]
        token = cookies.renewed(cookie, enterprise)
    if guest is None:
        token = cookies.new_token(enterprise)
        guest = cookies.recognise(token, enterprise)
    if guest.blocked:
        return allow_framing(closed_out(request, enterprise, guest), request, enterprise)
    group = None
    if guest.stored:
        leases.visit(guest.uuid)
        group = seating.find(guest.uuid, team.id)
    if not request.GET.get("team") and not group:
        if guest.stored and (last := seating.latest(guest.uuid)):
            return redirect(enterprise.chat_path + page_query(request, team=last[1]))
        if not guest.stored and (offers := choices.of(enterprise)):
            return choose(request, enterprise, offers, token)
    return show(request, enterprise, team, guest, token=token, group=group)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited
def messages(request: HttpRequest, ent_id: str) -> HttpResponse:
    """GET: the visitor's messages as JSON. POST: one more, answered by JSON or by the page."""
    enterprise, team = door(request, ent_id)
    if not enterprise.is_open:
        return closed(request)
    guest = guest_of(request, enterprise)
    if guest is None:
        if request.method != "POST" or wants_json(request):
            return unauthorised()
        return redirect(page_url(request, enterprise))
    try:
        if guest.blocked:
            raise guest.closed_out()
        if request.method == "POST":
            return post(request, enterprise, team, guest)
        group = seating.find(guest.uuid, team.id)
        if group is None:
            return json({"messages": [], "last_seq": 0, "more": False})
        conversation = Conversation.objects.get(uuid=group)
        return json(history_page(request, conversation, as_visitor=True))
    except Refused as refused:
        if request.method != "POST" or wants_json(request):
            return refusal(refused)
        if guest.blocked:
            return closed_out(request, enterprise, guest)
        return tell_wait(show(request, enterprise, team, guest, refused), refused)


def door(request: HttpRequest, ent_id: str) -> tuple[Enterprise, Team]:
    enterprise = Enterprise.objects.filter(code=ent_id).first()
    team = enterprise and cookies.team_of(enterprise, request.GET.get("team"))
    if team is None:
        raise Http404
    speak(request, enterprise)
    return enterprise, team


def closed(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        403,
        _("This chat is closed"),
        _("The business does not accept messages here at present."),
    )


def closed_out(request: HttpRequest, enterprise: Enterprise, guest: cookies.Guest) -> HttpResponse:
    """What one who is blocked is told: until when, and never why."""
    if wants_json(request):
        return refusal(guest.closed_out())
    if guest.until:
        until = f"{guest.until:%Y-%m-%d %H:%M} UTC"
        detail = _("You can write here again from %(time)s.") % {"time": until}
    else:
        detail = _("If you think that this is a mistake, please contact %(name)s in another way.")
        detail %= {"name": enterprise.name}
    context = {
        "enterprise": enterprise,
        "until": guest.until,
        "detail": detail,
        "chat": page_url(request, enterprise),
    }
    return render(request, "chat/closed_out.html", context, status=403)


def guest_of(request: HttpRequest, enterprise: Enterprise) -> cookies.Guest | None:
    return cookies.guest_of(request.COOKIES, enterprise)


def post(
    request: HttpRequest, enterprise: Enterprise, team: Team, guest: cookies.Guest
) -> HttpResponse:
    form = posted(request, guest.uuid, None)
    keys = keys_of(request, guest.uuid, enterprise.code)
    limits.take("message", keys)
    topic, words, suspicion = "", None, ""
    if guest.stored:
        if form.introduction.email:
            contacts.record(guest.uuid, form.introduction)
    else:
        challenges.demand(enterprise, keys, form.proof)
        limits.take("newcomer", keys)
        topic = contacts.demand(enterprise, team, guest, form.introduction)
        words = invitations.read_before(enterprise, form.introduction, guest.uuid)
        suspicion = spam.judge(enterprise, guest, form.content)
    seen = sightings.equipment(
        request.META.get("HTTP_USER_AGENT", ""),
        request.META.get("REMOTE_ADDR", ""),
        enterprise.addresses,
    )
    language = get_language() or ""
    arrival = hello.Arrival(enterprise, team, guest, language, seen, topic=topic, words=words)
    opening = arrival.opening(form.introduction)
    opening.held = suspicion
    draft = Draft(
        guest.uuid,
        opening.label,
        "",
        form.client_id,
        form.content,
        None,
        opening=opening,
        reply_to=form.reply_to,
        question=form.question,
    )
    accepted = store(request, draft, enterprise.code, keys)
    if wants_json(request):
        return json(accepted)
    return redirect(page_url(request, enterprise))


def choose(
    request: HttpRequest, enterprise: Enterprise, offers: list[dict], token: str | None
) -> HttpResponse:
    """Asks a new visitor what it is about, or which team they want."""
    for one in offers:
        one["address"] = enterprise.chat_path + page_query(request, **one["query"])
    context = {
        "enterprise": enterprise,
        "offers": offers,
        "embed": embedded(request),
        "host": host_of(request) if may_host(request, enterprise, host_of(request)) else "",
    }
    response = render(request, "chat/choose.html", context)
    if token:
        remember(response, request, cookies.cookie_name(enterprise), token, cookies.COOKIE_AGE)
    return allow_framing(response, request, enterprise)


def page_url(request: HttpRequest, enterprise: Enterprise) -> str:
    return enterprise.chat_path + page_query(request)


def show(
    request: HttpRequest,
    enterprise: Enterprise,
    team: Team,
    guest: cookies.Guest,
    refused: Refused | None = None,
    token: str | None = None,
    group: str | None = None,
) -> HttpResponse:
    """The page; after a refused plain form with the reason, and the text still in place. `team` is
    that of the address; what is shown of a team is of the one that serves the conversation now."""
    if refused:
        metrics.REFUSALS.labels(refused.code).inc()
    group = group or seating.find(guest.uuid, team.id)
    found = Conversation.objects.select_related("team", "reception")
    conversation = group and found.get(uuid=group)
    serving = conversation.team if conversation else team
    states = leases.team_states(serving)
    there = {who for who, state in states.items() if state in leases.THERE}
    host = host_of(request)
    members = sorted(
        serving.members.filter(status=0), key=lambda member: (member.uuid not in there, member.id)
    )
    context = {
        "enterprise": enterprise,
        "team": team,
        "serving": serving,
        "page_query": page_query(request),
        "faces": [
            {
                "member": member.uuid,
                "name": member.display_name,
                "avatar": member.avator,
                "online": member.uuid in there,
            }
            for member in members[:FACES]
        ],
        **leases.for_visitors(serving, states),
        "introduction": contacts.asked(enterprise, serving, guest, there),
        "said": request.POST if refused else {},
        "chosen": chosen(request, enterprise, guest),
        "questions": questions.of_team(serving),
        "conversation": pages.visitor_page(conversation) if conversation else None,
        "visitor": {"visitor": guest.uuid, "name": guest.name},
        "session": guest.session,
        "embed": embedded(request),
        "host": host if may_host(request, enterprise, host) else "",
        "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        "error": refused and words(refused),
        "draft": request.POST.get("content", "") if refused else "",
    }
    response = render(
        request, "chat/visitor.html", context, status=refused.status if refused else 200
    )
    if token:
        remember(response, request, cookies.cookie_name(enterprise), token, cookies.COOKIE_AGE)
    return allow_framing(response, request, enterprise)


def chosen(request: HttpRequest, enterprise: Enterprise, guest: cookies.Guest) -> dict | None:
    """The topic with which a new visitor came to this page, and the way back to all of them."""
    asked = request.POST.get("topic") or request.GET.get("topic")
    if guest.stored or not asked:
        return None
    try:
        pk = number(asked, "topic")
        label = choices.topic_of(enterprise, pk)
    except Refused:
        return None
    all_of_them = enterprise.chat_path + page_query(request, team="")
    return {"topic": pk, "label": label, "others": all_of_them}


def remember(
    response: HttpResponse, request: HttpRequest, name: str, token: str, age: float
) -> None:
    response.set_cookie(
        name,
        token,
        max_age=int(age),
        httponly=True,
        secure=settings.PUBLIC_URL.startswith("https://") or request.is_secure(),
        samesite="Lax",
    )
