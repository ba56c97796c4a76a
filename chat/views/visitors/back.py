"""The pages behind the links in mails to visitors.

Mail filters follow links as well. So GET changes nothing; the page has a button that sends a POST.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Enterprise
from accounts.requests import error_page
from chat.models import Conversation
from chat.views.refusals import for_address, limit_requests
from chat.visitors import cookies, links

from .guests import keep_open


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit_requests(for_address)
def page(request: HttpRequest, ent_id: str, token: str) -> HttpResponse:
    """GET: a button. POST: opens the conversation in this browser, and no other one."""
    found = conversation_or_page(request, ent_id, token, "back")
    if isinstance(found, HttpResponse):
        return found
    enterprise, conversation = found
    if request.method != "POST":
        return render_button(request, enterprise, conversation, "back")
    response = redirect(chat_url_of(enterprise, conversation))
    guest = cookies.identify_guest(request.COOKIES, enterprise)
    if guest is None or guest.uuid != conversation.visitor_id:
        keep_open(response, request, conversation, enterprise)
    return response


@csrf_exempt  # Mail programs send this POST themselves (RFC 8058), with the token as proof.
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limit_requests(for_address)
def stop(request: HttpRequest, ent_id: str, token: str) -> HttpResponse:
    """GET: a button. POST: stops mails about the conversation."""
    found = conversation_or_page(request, ent_id, token, "stop")
    if isinstance(found, HttpResponse):
        return found
    enterprise, conversation = found
    if request.method == "POST":
        Conversation.objects.filter(pk=conversation.pk).update(mails_stopped=True)
        return render_button(request, enterprise, conversation, "stopped")
    return render_button(request, enterprise, conversation, "stop")


def conversation_or_page(
    request: HttpRequest, ent_id: str, token: str, what: str
) -> tuple[Enterprise, Conversation] | HttpResponse:
    """What the link leads to, or the page that says that it is not valid. `what` is the kind of
    the link, `back` or `stop`."""
    enterprise = Enterprise.objects.filter(code=ent_id).first()
    conversation = enterprise and links.conversation_of(what, token, enterprise)
    if not conversation or not enterprise.is_open:
        title = _("This link no longer works")
        detail = _(
            "It has expired or is incomplete. Your conversation is still in the browser that you "
            "used."
        )
        chat = enterprise.chat_path if enterprise and enterprise.is_open else ""
        return error_page(request, 404, title, detail, chat)
    return enterprise, conversation


def chat_url_of(enterprise: Enterprise, conversation: Conversation) -> str:
    """The address of the page on which the visitor writes."""
    team = conversation.door or conversation.team
    return f"{enterprise.chat_path}?team={team.slug}"


def render_button(
    request: HttpRequest, enterprise: Enterprise, conversation: Conversation, what: str
) -> HttpResponse:
    """The page with the button; `what` is `back`, `stop` or `stopped`."""
    chat = chat_url_of(enterprise, conversation)
    context = {"enterprise": enterprise, "what": what, "chat": chat}
    return render(request, "chat/visitor/back.html", context)
