"""The visitor's page, and messages by HTTP for pages without JavaScript or without a socket."""

import uuid

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.kept import Kept
from accounts.models import Enterprise, Team
from accounts.requests import wants_json
from chat.assistant import votes
from chat.conversations import floor, questions, seating
from chat.conversations.openings import Opening
from chat.knowledge import articles, beside
from chat.ledger import visible_names
from chat.limits import limits
from chat.models import Conversation, theirs
from chat.posting.batches import Draft
from chat.presence import leases, visitor_queue
from chat.protocol.errors import Refused, explain
from chat.protocol.forms import SendForm
from chat.reading import conversation_page, faces, history
from chat.sockets import hello
from chat.views import common
from chat.views.refusals import answer_refusals, for_address, limit_requests
from chat.visitors import challenges, choices, cookies, invitations, page_views, prechat, spam
from chat.visitors.cookies import Guest

from .embed import allow_framing, embedded, host_origin, may_host, page_query
from .guests import (
    blocked_page,
    chat_url,
    closed_page,
    enterprise_and_team_or_404,
    guest_of,
    keep_open,
    limit_keys,
    set_cookie,
    zone_of,
)

MAX_FACES = 5
"""Members of the team whose pictures stand above the conversation."""
MAX_ASKED = 200
"""Characters of a search that become the beginning of a message (uses.MAX_WORDS)."""


@require_safe
@cache_control(no_store=True)  # As never_cache, in 90 bytes less of a first visit.
@limit_requests(for_address)
def page(request: HttpRequest, ent_id: str) -> HttpResponse:
    """The chat with one team of the enterprise.

    A look at the page stores no visitor; it only sets the cookie. The query `team` names the
    team. Without it a known visitor is led to their latest conversation, and a new one may
    choose a topic or a team first.
    """
    enterprise, team = enterprise_and_team_or_404(request, ent_id)
    if not enterprise.is_open:
        return allow_framing(closed_page(request), request, enterprise)
    guest = guest_of(request, enterprise, team)
    token = None
    if guest and not guest.sign_in and not guest.only:
        cookie = request.COOKIES[cookies.cookie_name(enterprise)]
        token = cookies.renewed_token(cookie, enterprise)
    if guest is None:
        token = cookies.new_token(enterprise)
        guest = cookies.guest_from_token(token, enterprise)
    if guest.blocked:
        return allow_framing(blocked_page(request, enterprise, team, guest), request, enterprise)
    group = None
    if guest.stored:
        leases.renew_page_lease(guest.uuid)
        group = seating.find(enterprise.code, guest.uuid, team.id)
    if not request.GET.get("team") and not group:
        if guest.stored and (last := seating.latest(enterprise.code, guest.uuid)):
            return redirect(enterprise.chat_path + begin_query(request, team=last[1]))
        offers = [] if guest.stored else choices.offered_choices(enterprise)
        if len(offers) > 1:
            return render_choices(request, enterprise, team, offers, token)
        if offers and offers[0]["team"] != team:
            query = begin_query(request, team=offers[0]["team"].slug)
            return redirect(enterprise.chat_path + query)
    response = render_chat(request, enterprise, team, guest, token=token, group=group)
    if guest.only:
        keep_open(response, request, guest.only, enterprise)
    return response


def render_choices(
    request: HttpRequest,
    enterprise: Enterprise,
    team: Team,
    offers: list[dict],
    token: str | None,
) -> HttpResponse:
    """The page on which a new visitor chooses a topic or a team, one of `offers`
    (`choices.offered_choices`). What they write without a choice goes to `team`, the default one,
    if a choice leads there, too. `token` is the value of a cookie to set, or None."""
    for offer in offers:
        offer["address"] = enterprise.chat_path + begin_query(request, **offer["query"])
    host = host_origin(request)
    context = {
        "enterprise": enterprise,
        "team": team,
        "page_query": page_query(request),
        **head_of(enterprise, team, leases.team_states(team)),
        "machine": floor.begins_with_bot(team),
        "offers": offers,
        "writable": any(offer["team"] == team for offer in offers),
        "client_id": str(uuid.uuid4()),
        "embed": embedded(request),
        "host": host if may_host(request, enterprise, host) else "",
    }
    response = render(request, "chat/visitor/choose.html", context)
    if token:
        set_cookie(response, request, cookies.cookie_name(enterprise), token, cookies.COOKIE_AGE)
    return allow_framing(response, request, enterprise)


def render_chat(
    request: HttpRequest,
    enterprise: Enterprise,
    team: Team,
    guest: Guest,
    refused: Refused | None = None,
    token: str | None = None,
    group: str | None = None,
) -> HttpResponse:
    """The chat page.

    `team` is the one that the address names; the page shows the team that serves the
    conversation now. `refused` is why a plain form was refused: the page then has the reason,
    the text that was sent, and the HTTP status of the refusal. `token` is the value of a cookie
    to set, `group` the conversation's uuid if the caller has looked it up.
    """
    if group is None and guest.stored:
        group = seating.find(enterprise.code, guest.uuid, team.id)
    conversation = conversation_of.first(enterprise.code, group) if group else None
    serving = conversation.team if conversation else team
    states = leases.team_states(serving)
    present = {who for who, state in states.items() if state in leases.PRESENT}
    host = host_origin(request)
    # The help centre's "ask us about …" leads here; once it is written it is not offered again.
    asked = "" if conversation and conversation.open else request.GET.get("q", "")[:MAX_ASKED]
    # What is wrong with the address stands at its own field.
    address = prechat.page_address(serving, guest, conversation, present)
    at_address = refused and address and request.resolver_match.url_name == "visitor-address"
    shown = conversation_page.visitor_page(conversation) if conversation else None
    context = {
        "enterprise": enterprise,
        "team": team,
        "serving": serving,
        "page_query": page_query(request),
        **head_of(enterprise, serving, states),
        "introduction": prechat.page_fields(enterprise, serving, guest, present),
        "address": address,
        "said": request.POST if refused else {},
        "chosen": chosen_topic(request, enterprise, guest),
        "questions": questions.of_team(serving),
        "articles": articles.has_public(enterprise),
        "about": named_article(request, enterprise),
        "conversation": shown,
        "machine": shown["bot"] if shown and shown["open"] else floor.begins_with_bot(serving),
        "helpful": shown and votes.latest(enterprise.code, shown["group"], shown["messages"]),
        "visitor": {"visitor": guest.uuid, "name": guest.name},
        "session": guest.sign_in,
        "now": timezone.now(),
        "embed": embedded(request),
        "host": host if may_host(request, enterprise, host) else "",
        "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        "address_error": explain(refused) if at_address else "",
        "error": refused and not at_address and explain(refused),
        "draft": request.POST.get("content", "") if refused else asked,
    }
    status = refused.status if refused else 200
    with timezone.override(zone_of(enterprise, serving)):
        response = render(request, "chat/visitor/page.html", context, status=status)
    if token:
        set_cookie(response, request, cookies.cookie_name(enterprise), token, cookies.COOKIE_AGE)
    return allow_framing(response, request, enterprise)


@Kept
def conversation_of(code, group) -> QuerySet[Conversation]:
    found = Conversation.objects.whole().filter(theirs(code), uuid=group)
    return found.select_related("team", "reception")


def begin_query(request: HttpRequest, **changes) -> str:
    """As `page_query`, with the article and the words that the conversation begins with."""
    begun = {name: request.GET.get(name) for name in ("article", "q")}
    return page_query(request, **begun, **changes)


def named_article(request: HttpRequest, enterprise: Enterprise) -> dict | None:
    """The article that the visitor writes about, by the query `article`; None without one."""
    asked = request.GET.get("article", "")
    found = beside.find(enterprise, asked, get_language() or "") if asked else None
    return beside.facts(enterprise, found) if found else None


def head_of(enterprise: Enterprise, team: Team, states: dict[str, str]) -> dict:
    """What the head of the page says of the team: its presence, MAX_FACES, how all are named, and
    the usual time until an answer while somebody is there. `states` are those of its agents."""
    present = {who for who, state in states.items() if state in leases.PRESENT}
    presence = leases.for_visitors(team, states)
    there = present and presence["open"]
    people = faces_of(team, present)
    return {
        **presence,
        "faces": people[:MAX_FACES],
        "named": visible_names.several([one["name"] for one in people]),
        "usual": visitor_queue.usual_wait(enterprise.code, team.id) if there else None,
    }


def faces_of(team: Team, present: set[str]) -> list[dict]:
    """The active members of the team, those in `present` (uuids) first."""
    members = sorted(faces.shown_in(team.pk), key=lambda one: (one.uuid not in present, one.id))
    return [
        {
            "member": member.uuid,
            "name": visible_names.of(member),
            "avatar": member.avator,
            "online": member.uuid in present,
        }
        for member in members
    ]


def chosen_topic(request: HttpRequest, enterprise: Enterprise, guest: Guest) -> dict | None:
    """The topic that a new visitor chose, with the address of the choices; None without one."""
    asked = request.POST.get("topic") or request.GET.get("topic")
    if guest.stored or not asked:
        return None
    try:
        pk = common.parse_number(asked, "topic")
        label = choices.find_topic(enterprise, pk).translated("label")
    except Refused:
        return None
    return {
        "topic": pk,
        "label": label,
        "others": enterprise.chat_path + page_query(request, team=""),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit_requests(for_address)
def messages(request: HttpRequest, ent_id: str) -> HttpResponse:
    """GET: the visitor's messages as JSON. POST: sends one; answers JSON or the page."""
    enterprise, team = enterprise_and_team_or_404(request, ent_id)
    if not enterprise.is_open:
        return closed_page(request)
    guest = guest_of(request, enterprise, team)
    if request.method == "POST":
        if guest is None and not wants_json(request):
            return redirect(chat_url(request, enterprise))
        return post_message(request, enterprise, team, guest) if guest else common.unauthorised()
    return list_messages(request, team, guest) if guest else common.unauthorised()


@answer_refusals()
def list_messages(request: HttpRequest, team: Team, guest: Guest) -> HttpResponse:
    if guest.blocked:
        raise guest.closed_out()
    common.refuse_others(request.GET, guest.uuid)
    bounds = common.history_bounds(request)
    code = team.enterprise.code
    group = seating.find(code, guest.uuid, team.id)
    if group is None:
        return common.json_response({"messages": [], "last_seq": 0, "more": False})
    conversation = Conversation.objects.get(theirs(code), uuid=group)
    return common.json_response(history.page(conversation, as_visitor=True, **bounds))


def render_refused(
    request: HttpRequest, refused: Refused, enterprise: Enterprise, team: Team, guest: Guest
) -> HttpResponse:
    """The page after a refused plain form."""
    if guest.blocked:
        return blocked_page(request, enterprise, team, guest)
    return render_chat(request, enterprise, team, guest, refused)


@answer_refusals(render_refused)
def post_message(
    request: HttpRequest, enterprise: Enterprise, team: Team, guest: Guest
) -> HttpResponse:
    if guest.blocked:
        raise guest.closed_out()
    form = common.read_message_form(request, guest.uuid, None)
    keys = limit_keys(request, guest.uuid, enterprise.code)
    limits.take("message", keys)
    opening = opening_of(request, enterprise, team, guest, form, keys)
    draft = Draft.of(form, guest.uuid, opening.label, group=None, opening=opening)
    accepted = common.store_message(request, draft, enterprise.code, keys)
    if wants_json(request):
        return common.json_response(accepted)
    return redirect(chat_url(request, enterprise))


def opening_of(
    request: HttpRequest,
    enterprise: Enterprise,
    team: Team,
    guest: Guest,
    form: SendForm,
    keys: dict[str, str],
) -> Opening:
    """What opens the conversation that the message belongs to, if it is not open yet.

    A visitor's first message is checked further than later ones, and refused where the
    enterprise asks for an introduction or for proof of work.
    """
    topic, words_read, suspicion = "", None, ""
    if guest.stored:
        if form.introduction.email:
            prechat.add_email(guest.uuid, form.introduction)
    else:
        challenges.require_solution(enterprise, keys, form.proof)
        limits.take("newcomer", keys)
        topic = prechat.check_answers(enterprise, team, guest, form.introduction)
        words_read = invitations.shown_text(enterprise, form.introduction, guest.uuid)
        suspicion = spam.classify(enterprise, guest, form.content)
    equipment = page_views.connection_columns(
        request.META.get("HTTP_USER_AGENT", ""),
        request.META.get("REMOTE_ADDR", ""),
        enterprise.addresses,
    )
    language = get_language() or ""
    context = hello.VisitorContext(
        enterprise, team, guest, language, equipment, topic=topic, words=words_read
    )
    opening = context.opening(form.introduction)
    opening.suspicion = suspicion
    return opening
