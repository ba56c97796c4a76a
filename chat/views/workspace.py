"""The agents' workspace: inbox, conversation, and the forms that work without JavaScript."""

import uuid
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Member
from accounts.requests import wants_json
from chat import metrics
from chat.background import upkeep
from chat.delivery import access
from chat.posting import batches
from chat.posting.items import Draft
from chat.presence import leases, unattended_teams
from chat.protocol.errors import Refused, explain
from chat.protocol.selection import ALL, Selection
from chat.reading import conversation_page, search
from chat.reading import inbox as inboxes

from ..limits import limits, member_keys
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


def for_agents(view):
    """Members of an enterprise only: others sign in, or are told that they may not. Each
    request counts for the member, before anything but they themselves is read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if wants_json(request):
                return unauthorised()
            return redirect_to_login(request.get_full_path())
        if request.user.enterprise is None:
            raise PermissionDenied
        try:
            limits.take("fetch", member_keys(request.user.uuid))
        except Refused as refused:
            return too_much(request, refused)
        return never_cache(view)(request, *args, **kwargs)

    return guarded


@require_safe
@for_agents
def page(request: HttpRequest) -> HttpResponse:
    return show(request, None)


@require_safe
@for_agents
def conversation(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """One conversation: the workspace around it, or its facts as JSON."""
    found = conversation_or_404(request.user, group)
    if wants_json(request):
        return json({"conversation": conversation_page.agent_page(request.user, found)})
    return show(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def messages(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    """GET: messages as JSON. POST: one more; answering also marks read what was on the page."""
    found = conversation_or_404(request.user, group)
    try:
        if request.method == "POST":
            return post(request, found)
        return json(history_page(request, found, as_visitor=False))
    except Refused as refused:
        if request.method != "POST" or wants_json(request):
            return refusal(refused)
        return tell_wait(show(request, found, refused), refused)


@require_POST
@for_agents
def read(request: HttpRequest, group: uuid.UUID) -> HttpResponse:
    found = conversation_or_404(request.user, group)
    me = request.user.uuid
    try:
        seq = number(request.POST.get("seq", ""), "seq")
        limits.take("read", member_keys(me))
        batches.mark(me, found.uuid, seq)
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(show(request, found, refused), refused)
    return json({"ok": True}) if wants_json(request) else redirect("conversation", group)


@require_POST
@for_agents
def switch(request: HttpRequest) -> HttpResponse:
    """The member's own switch, `state`: online, busy, offline; or `online`, which is 1 or 0."""
    by_number = {"1": leases.ONLINE, "0": leases.OFFLINE}.get(request.POST.get("online"))
    wish = request.POST.get("state") or by_number
    try:
        if wish not in (leases.ONLINE, leases.BUSY, leases.OFFLINE):
            raise Refused("bad_field", "state is online, busy or offline; or online is 1 or 0.")
        limits.take("message", member_keys(request.user.uuid))
    except Refused as refused:
        if wants_json(request):
            return refusal(refused)
        return tell_wait(show(request, None, refused), refused)
    statuses = Member.OnlineStatus
    member = request.user
    member.online_status = statuses.OFFLINE if wish == leases.OFFLINE else statuses.ONLINE
    member.busy = wish == leases.BUSY
    member.save(update_fields=["online_status", "busy", "updated_at"])
    upkeep.soon()
    if not wants_json(request):
        return redirect("workspace")
    return json(leases.for_colleagues(wish))


def own_state(member: Member) -> str:
    """What the member has chosen; who is at the page is not away."""
    if member.online_status != Member.OnlineStatus.ONLINE:
        return leases.OFFLINE
    return leases.agent_state(member.busy, away=False)


def conversation_or_404(member: Member, group: uuid.UUID) -> Conversation:
    found = access.conversation_for(member, str(group))
    if found is None:
        raise Http404
    return found


def post(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    member = request.user
    form = posted(request, member.uuid, conversation.uuid)
    keys = member_keys(member.uuid)
    limits.take("message", keys)
    name, avatar = member.display_name, member.avator
    draft = Draft.of(form, member.uuid, name, avatar, group=form.group)
    accepted = store(request, draft, conversation.ent_id, keys)
    if wants_json(request):
        return json(accepted)
    if access.seat(member.uuid, conversation.uuid):
        batches.mark(member.uuid, conversation.uuid, accepted["seq"])
    return redirect("conversation", conversation.uuid)


def selected(request: HttpRequest) -> tuple[Selection, str | None]:
    """What the page's address asks of the inbox: the view, and from which cursor on. A plain
    form's address may tell it too; there nothing is refused any more."""
    before = request.GET.get("before")
    try:
        chosen = Selection.of(request.GET)
        if before and inboxes.parse_cursor(before) is None:
            raise Refused("bad_field", "before is a cursor that this list gave out.")
    except Refused as refused:
        if request.method != "POST":
            raise Http404 from refused
        return ALL, None
    return chosen, before


def looked_for(request: HttpRequest) -> tuple[int | None, dict | None]:
    """The seq that the page's address points at, and what was found of the words in it."""
    at, text, before = (request.GET.get(name) for name in ("at", "q", "older"))
    try:
        seq = number(at, "at") if at else None
        if not text or not text.strip():
            return seq, None
        cursor = number(before, "older") if before else None
        limits.take("search", member_keys(request.user.uuid))
        return seq, search.find(request.user, text, cursor)
    except Refused as refused:
        if request.method != "POST" and refused.code == "bad_field":
            raise Http404 from refused
        return None, None


def show(
    request: HttpRequest, conversation: Conversation | None, refused: Refused | None = None
) -> HttpResponse:
    """The page; after a refused plain form with the reason, and the text still in place."""
    if refused:
        metrics.REFUSALS.labels(refused.code).inc()
    member = request.user
    leases.renew_page_lease(member.uuid)
    chosen, before = selected(request)
    at, found = looked_for(request)
    rows, more = inboxes.page(member.uuid, before, chosen=chosen)
    # Where nothing can be handed on nobody's state is asked for.
    colleagues = (
        conversation_page.colleagues_with_states if conversation else conversation_page.colleagues
    )(member)
    states = {one["member"]: one.get("state") for one in colleagues["members"]}
    teams = list(member.teams.order_by("id"))
    context = {
        "me": member,
        "state": own_state(member),
        "unattended": unattended_teams.of_enterprise(member.enterprise.code)
        if member.is_manager
        else [],
        "inbox": rows,
        "inbox_more": more,
        "nothing_yet": not rows and chosen == ALL and not before,
        "chosen": chosen,
        "later": before,
        "counts": inboxes.view_counts(member),
        "total": inboxes.total_unread(member.uuid),
        "colleagues": colleagues,
        "teams": teams,
        "several_teams": len(teams) > 1,
        "conversation": conversation
        and conversation_page.agent_page(member, conversation, at, states),
        "found": found,
        "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        "error": refused and explain(refused),
        "draft": request.POST.get("content", "") if refused else "",
    }
    status = refused.status if refused else 200
    return render(request, "chat/workspace.html", context, status=status)
