"""Where the links of a mail to a visitor lead. Programs that look into mails follow links, too: so
a look changes nothing, and a button does it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Enterprise
from accounts.requests import error_page
from chat.mail import answers
from chat.protocol.errors import Refused
from chat.visitors import cookies

from ..limits import limits, of_address
from ..models import Conversation
from .common import too_much
from .visitor import remember


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest, ent_id: str, token: str) -> HttpResponse:
    """GET: a button. POST: this browser has the conversation from now on."""
    found = look_up(request, ent_id, token, "back")
    if isinstance(found, HttpResponse):
        return found
    enterprise, conversation = found
    if request.method != "POST":
        return ask(request, enterprise, conversation, "back")
    response = redirect(chat_of(enterprise, conversation))
    guest = cookies.guest_of(request.COOKIES, enterprise)
    if guest is None or guest.uuid != conversation.visitor_id:
        token = cookies.second_token(conversation.visitor, enterprise)
        name = cookies.cookie_name(enterprise)
        remember(response, request, name, token, cookies.COOKIE_AGE)
    return response


@csrf_exempt  # Mail programs post here by themselves (RFC 8058): the token says what is meant.
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest, ent_id: str, token: str) -> HttpResponse:
    """GET: a button. POST: no more mails about the conversation."""
    found = look_up(request, ent_id, token, "stop")
    if isinstance(found, HttpResponse):
        return found
    enterprise, conversation = found
    if request.method == "POST":
        Conversation.objects.filter(pk=conversation.pk).update(mails_stopped=True)
        return ask(request, enterprise, conversation, "stopped")
    return ask(request, enterprise, conversation, "stop")


def look_up(
    request: HttpRequest, ent_id: str, token: str, what: str
) -> tuple[Enterprise, Conversation] | HttpResponse:
    """What the link leads to, or the page that says why it leads nowhere."""
    try:
        limits.take("fetch", of_address(request.META.get("REMOTE_ADDR", "")))
    except Refused as refused:
        return too_much(request, refused)
    enterprise = Enterprise.objects.filter(code=ent_id).first()
    conversation = enterprise and answers.conversation_of(what, token, enterprise)
    if not conversation or not enterprise.is_open:
        title = _("This link no longer works")
        detail = _(
            "It has expired or is incomplete. Your conversation is still in the browser that you "
            "used."
        )
        chat = enterprise.chat_path if enterprise and enterprise.is_open else ""
        return error_page(request, 404, title, detail, chat)
    return enterprise, conversation


def chat_of(enterprise: Enterprise, conversation: Conversation) -> str:
    """The page on which the visitor writes."""
    door = conversation.door or conversation.team
    return f"{enterprise.chat_path}?team={door.slug}"


def ask(
    request: HttpRequest, enterprise: Enterprise, conversation: Conversation, what: str
) -> HttpResponse:
    chat = chat_of(enterprise, conversation)
    context = {"enterprise": enterprise, "what": what, "chat": chat}
    return render(request, "chat/back.html", context)
