"""The agents' workspace: inbox, conversation, and the forms that work without JavaScript."""

import uuid
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, rights
from accounts.models import Member
from accounts.requests import wants_json
from chat import clock
from chat.assistant import drafts
from chat.background import upkeep
from chat.customers import attributes
from chat.knowledge import articles
from chat.ledger import access
from chat.limits import limits, member_keys
from chat.models import Conversation
from chat.posting import batches, uploads
from chat.posting.batches import Draft
from chat.presence import leases, unattended_teams
from chat.protocol.errors import Refused, explain
from chat.protocol.forms import ActionForm
from chat.protocol.selection import FIRST_SORT, FIRST_VIEW, OPENED_VIEWS, SORTS, Selection
from chat.reading import conversation_page, faces, history, inbox_counts, offers, reach, search
from chat.reading import inbox as inboxes
from chat.views import common
from chat.views.refusals import answer_refusals, limit_requests, merged_page, refusal_json

from . import writing


def for_agents(view):
    """Decorates a view for members who work in the workspace. Others are asked to sign in, or get
    403 if they have no enterprise or are analysts. Each request is counted for the member
    (`limit_requests`)."""
    counted = limit_requests(for_member)(never_cache(view))

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if wants_json(request):
                return common.unauthorised()
            return redirect_to_login(request.get_full_path())
        if not request.user.may(rights.WORKSPACE):
            raise PermissionDenied
        return counted(request, *args, **kwargs)

    return guarded


def for_member(request: HttpRequest) -> dict[str, str]:
    """Counts a request for the member who sent it."""
    return member_keys(request.user.uuid)


def for_conversation(view):
    """Decorates a view as `for_agents` does. The view gets the conversation instead of its
    uuid `group`. A member who may not see it gets 404; one who may see what it became a part of
    gets 410, which says where that is."""

    @for_agents
    @wraps(view)
    def found(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
        conversation = access.opened_by(request.user, str(group), audit.of_request(request))
        if conversation is None:
            return elsewhere(request, str(group))
        return view(request, conversation)

    return found


def elsewhere(request: HttpRequest, group: str) -> HttpResponse:
    """The answer where there is no such conversation: 404, or where a sign-in has merged it with
    another one, 410 and where that is. A plain form stays on the page with what was written."""
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    refused = access.merged(member.uuid, group)
    if refused is None:
        raise Http404
    if wants_json(request):
        return refusal_json(refused)
    into = refused.facts["into"]
    if request.method != "POST":
        return merged_page(request, reverse("conversation", args=[into]))
    found = access.opened_by(member, into, audit.of_request(request))
    return render_refused(request, refused, found)


@require_safe
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    """The workspace without an open conversation."""
    return render_workspace(request, None)


@require_POST
@for_agents
@answer_refusals(lambda request, refused: render_refused(request, refused))
def choose_view(request: HttpRequest) -> HttpResponse:
    """Keeps the `view` that the workspace opens on, with its `team` and `sort`, if it is one of
    OPENED_VIEWS. Another one is answered likewise."""
    fields = {name: request.POST[name] for name in ("team", "sort") if name in request.POST}
    chosen = Selection.parse({"view": request.POST.get("view", ""), **fields})
    if chosen.view in OPENED_VIEWS:
        keep_selection(request.user, chosen)
    return common.json_response(chosen.fields) if wants_json(request) else redirect("workspace")


def keep_selection(member: Member, chosen: Selection) -> None:
    kept = {"inbox_view": chosen.view, "inbox_team": chosen.team, "inbox_sort": chosen.sort}
    if any(getattr(member, name) != value for name, value in kept.items()):
        Member.objects.filter(pk=member.pk).update(**kept)


def usual_of(member: Member) -> Selection:
    """What the workspace opens on: what the member has chosen last, as far as it is there still."""
    view = member.inbox_view if member.inbox_view in OPENED_VIEWS else FIRST_VIEW
    slugs = {place.team.slug for place in member.own_places}
    team = member.inbox_team if len(slugs) > 1 and member.inbox_team in slugs else ""
    sort = member.inbox_sort if member.inbox_sort in SORTS else FIRST_SORT
    return Selection(view, team=team, sort=sort)


@require_safe
@for_conversation
def conversation(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """The workspace with one conversation open, or the conversation as JSON, with the assistant's
    draft if there is one."""
    if wants_json(request):
        shown = reach.page(request.user, conversation)  # type: ignore[arg-type]  # for_agents
        draft = drafts.of_conversation(request.user, conversation)  # type: ignore[arg-type]
        return common.json_response({"conversation": shown | ({"draft": draft} if draft else {})})
    return render_workspace(request, conversation)


def render_refused(
    request: HttpRequest, refused: Refused, conversation: Conversation | None = None
) -> HttpResponse:
    """The workspace after a refused plain form."""
    return render_workspace(request, conversation, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@for_conversation
def messages(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """GET: messages as JSON. POST: sends one, and marks as read what was on the page."""
    answer = post_message if request.method == "POST" else list_messages
    return answer(request, conversation)


@answer_refusals()
def list_messages(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    bounds = common.history_bounds(request)
    return common.json_response(history.page(conversation, as_visitor=False, **bounds))


@answer_refusals(render_refused)
def post_message(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    member = request.user
    form = common.read_message_form(request, member.uuid, conversation.uuid)
    keys = member_keys(member.uuid)
    limits.take("message", keys)
    leases.come_back(member)
    draft = Draft.of_member(form, member, form.group)
    if request.FILES:
        uploads.refuse_early(draft, conversation)
    accepted = common.store_message(request, draft, conversation.ent_id, keys)
    if wants_json(request):
        return common.json_response(accepted)
    if access.seat(member, conversation.uuid):
        batches.mark(member.uuid, conversation.uuid, accepted["seq"])
    return redirect("conversation", conversation.uuid)


@require_POST
@for_conversation
@answer_refusals(render_refused)
def read(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """Marks the conversation as read up to `seq`."""
    me = request.user.uuid
    seq = common.parse_number(request.POST.get("seq", ""), "seq")
    limits.take("read", member_keys(me))
    batches.mark(me, conversation.uuid, seq)
    return common.done(request, "conversation", conversation.uuid)


@require_POST
@for_agents
@answer_refusals(render_refused)
def set_own_state(request: HttpRequest) -> HttpResponse:
    """Sets the member's `state`: online, busy or offline. `online`, 1 or 0, does the same."""
    by_number = {"1": leases.ONLINE, "0": leases.OFFLINE}.get(request.POST.get("online"))
    wish = set_state(request.user, request.user, request.POST.get("state") or by_number)
    if not wants_json(request):
        return redirect("workspace")
    return common.json_response(leases.for_colleagues(wish))


def set_state(member: Member, actor: Member, wish: str | None) -> str:
    """Sets what a member has chosen to be, and returns it. Raises `Refused`."""
    if wish not in (leases.ONLINE, leases.BUSY, leases.OFFLINE):
        raise Refused("bad_field", "state is online, busy or offline; or online is 1 or 0.")
    limits.take("message", member_keys(actor.uuid))
    member.choose_state(wish == leases.OFFLINE, wish == leases.BUSY, clock.now())
    upkeep.soon()
    return wish


def selection_of(request: HttpRequest) -> tuple[Selection, str | None]:
    """The selection of the inbox that the address asks for, and the cursor to begin at.

    A wrong address is 404, but not that of a POST: a form that was handled already gets the
    view that the member has chosen instead.
    """
    usual = usual_of(request.user)
    before = request.GET.get("before")
    try:
        chosen = Selection.parse(request.GET, usual)
        if before and inboxes.parse_cursor(before) is None:
            raise Refused("bad_field", "before is a cursor that this list gave out.")
    except Refused as refused:
        if request.method != "POST":
            raise Http404 from refused
        return usual, None
    return chosen, before


def search_results(request: HttpRequest) -> tuple[int | None, dict | None]:
    """The seq of the message that the address points at, and the results of the search in it;
    None for each that the address does not ask for."""
    at, text, before = (request.GET.get(name) for name in ("at", "q", "older"))
    try:
        seq = common.parse_number(at, "at") if at else None
        if not text or not text.strip():
            return seq, None
        cursor = common.parse_number(before, "older") if before else None
        limits.take("search", member_keys(request.user.uuid))
        return seq, search.find(request.user, text, cursor)
    except Refused as refused:
        if request.method != "POST" and refused.code == "bad_field":
            raise Http404 from refused
        return None, None


def render_workspace(
    request: HttpRequest,
    conversation: Conversation | None,
    refused: Refused | None = None,
    asked: list[ActionForm] | None = None,
    contacts: bool = False,
) -> HttpResponse:
    """The workspace, with `conversation` open if there is one.

    `refused` is why a plain form was refused: the page then has the reason, the text that was
    sent, and the HTTP status of the refusal. `asked` is what a plain form wants to do to several
    conversations: the page asks whether it should be done. `contacts` shows the visitor's
    contact data although it is hidden from the member otherwise.
    """
    member: Member = request.user  # type: ignore[assignment]  # for_agents
    enterprise = member.enterprise
    leases.renew_page_lease(member.uuid)
    chosen, before = selection_of(request)
    at, found = search_results(request)
    teams = tuple(place.team for place in member.own_places)
    rows, more = inboxes.page(member, before, chosen=chosen, teams=teams)
    # The states of colleagues are only shown where a conversation can be transferred.
    colleagues = (
        conversation_page.colleagues_with_states if conversation else conversation_page.colleagues
    )(member)
    states = {one["member"]: one.get("state") for one in colleagues["members"]}
    page = conversation and reach.page(member, conversation, at, states, contacts)
    code = enterprise.code if enterprise else ""
    beside = writing.beside(member)
    total, counts = inbox_counts.numbers(member)
    context = {
        "me": member,
        "hues": faces.hues_of(member.enterprise),
        "several": member.acts_on_several,
        "whole": member.may(rights.READ_ALL),
        "asked": asked,
        "offers": offers.rows_of(member),
        "put_away": leases.own_state(member) == leases.AWAY,
        "unattended": unattended_teams.of_enterprise(member.enterprise.code)
        if member.is_manager
        else [],
        "inbox": rows,
        "inbox_more": more,
        "nothing_yet": not rows and not before and not inbox_counts.has_any(member),
        "chosen": chosen,
        "later": before,
        "counts": counts,
        "total": total,
        "colleagues": colleagues,
        "teams": teams,
        "conversation": page,
        "attributes": attributes.rows(code, page["visitor"]["attributes"] if page else {})
        if beside.get("described")
        else [],
        **beside,
        # Where a channel was deleted its conversations are there still.
        "channels": beside.get("channels") or any(one["channel"] for one in [*rows, page] if one),
        "ways": reach.kinds_of(code, chosen.channel) if beside.get("channels") else [],
        "writes_articles": articles.may_write(member),
        "found": found,
        "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        "error": refused and explain(refused),
        "collided": answers_of_colleagues(member, refused),
        "draft": request.POST.get("content", "") if refused else "",
    }
    status = refused.status if refused else 200
    response = render(request, "chat/workspace/page.html", context, status=status)
    if context["channels"]:
        # A mail's HTML is shown in a sandboxed frame.
        response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]
    return response


MOST_ANSWERS = 3
"""Answers of colleagues that are shown to whoever wants to send all the same."""


def answers_of_colleagues(member: Member, refused: Refused | None) -> list[dict]:
    """Why a message was refused as stale: what colleagues have answered, the newest first."""
    found = refused.facts["messages"] if refused and refused.code == "stale" else []
    theirs = [one for one in found if (one["kind"], one["sender_role"]) == ("message", "agent")]
    others = [one for one in theirs if one["sender"] not in ("", member.uuid)]
    return others[: -MOST_ANSWERS - 1 : -1]
