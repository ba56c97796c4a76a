"""The workspace as an installed app: its manifest, the service worker with what it keeps, and the
page that it shows without a network. Nothing here holds a message."""

import hashlib
import re
from functools import cache
from typing import cast

import orjson
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import etag, require_safe
from rjsmin import jsmin

from accounts.models import Member
from chat.notifications.push import devices, vapid
from chat.views.common import json_response

SCRIPTS = settings.BASE_DIR / "static" / "js"
PARTS = ("shared/text", "worker/notices", "worker/shell", "worker/subscription", "worker/worker")
"""The modules of which the worker is made, in this order: a worker of modules is too new for some
browsers."""
IMPORTS = re.compile(r"^import .*;\n", re.MULTILINE)
EXPORTS = re.compile(r"^export (?!\{)", re.MULTILINE)
ADDRESS = re.compile(r'(?:href|src)="([^"#]+)"')
LIGHT = "#f5f7f9"


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a system needs to install the workspace, in the member's language."""
    pages = [(_("Conversations"), "workspace"), (_("Alerts"), "alerts")]
    icons = [("app-192", 192, "any"), ("app-512", 512, "any"), ("app-maskable", 512, "maskable")]
    response = json_response(
        {
            "id": reverse("workspace"),
            "name": _("Kefu, customer service"),
            "short_name": "Kefu",
            "lang": get_language(),
            "start_url": reverse("workspace"),
            "scope": reverse("workspace"),
            "display": "standalone",
            "theme_color": LIGHT,
            "background_color": LIGHT,
            "icons": [
                {
                    "src": static(f"img/{name}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, size, purpose in icons
            ],
            "shortcuts": [{"name": name, "url": reverse(page)} for name, page in pages],
        }
    )
    response["Content-Type"] = "application/manifest+json"
    return response


def version(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(worker_script().encode()).hexdigest()[:32]}"'


@require_safe
@etag(version)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for everybody the same. Browsers ask for it anew each time, and begin
    with it once a byte of it is another: its version is that of the static files."""
    response = HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def worker_script() -> str:
    source = "".join((SCRIPTS / f"{part}.js").read_text() for part in PARTS)
    source = jsmin(EXPORTS.sub("", IMPORTS.sub("", source)))
    files = shell_files()
    known = f"{getattr(staticfiles_storage, 'manifest_hash', '')}{source}{files}"
    facts = {
        "VERSION": hashlib.sha256(known.encode()).hexdigest()[:12],
        "FILES": files,
        "PLACES": {
            "files": settings.STATIC_URL,
            "signOut": reverse("agent-logout"),
            "workspace": reverse("workspace"),
            "alerts": reverse("alerts"),
            "words": reverse("app-words"),
            "offline": reverse("app-offline"),
        },
    }
    head = "".join(f"const {name}={orjson.dumps(value).decode()};" for name, value in facts.items())
    return f"{head}\n{source}"


def shell_files() -> list[str]:
    """The addresses of the files that the workspace and the page without a network are made of."""
    pages = [
        render_to_string("chat/workspace/_files.html"),
        render_to_string("chat/agent/offline.html", {"me": ""}),
        *(static(f"img/{name}.png").join(('href="', '"')) for name in ("app-192", "app-badge")),
    ]
    found = dict.fromkeys(one for page in pages for one in ADDRESS.findall(page))
    return [one for one in found if one.startswith(settings.STATIC_URL)]


@require_safe
@never_cache
def words(request: HttpRequest) -> HttpResponse:
    """What the service worker says, in the member's language; who is signed in, in which session
    (a name that is of no use elsewhere), the key of subscriptions, whether this browser's is
    `gone`, and the token for buttons."""
    member, key = cast(Member, request.user), request.session.session_key or ""
    signed_in = member.is_authenticated
    return json_response(
        {
            "me": member.uuid if signed_in else "",
            "session": salted_hmac("chat.app", key).hexdigest()[:16] if signed_in else "",
            "key": vapid.public_key() if signed_in else "",
            "gone": signed_in and devices.is_gone(key),
            "lang": get_language(),
            "icon": static("img/app-192.png"),
            "badge": static("img/app-badge.png"),
            "token": get_token(request),
            "texts": {
                "waiting": _("{name} is waiting"),
                "offer": _("Offered to you: {name}"),
                "mention": _("{name} mentioned you in a note"),
                "mention_alone": _("You are called: a visitor has waited for long"),
                "gone": _("{name} has it"),
                "gone_alone": _("You are not needed there any more"),
                "test": _("Pushes reach this device"),
                "other": _("News in the workspace"),
                "claim": _("Claim"),
                "reply": _("Reply"),
                "reply_here": _("Reply to the visitor"),
                "claim_done": _("You have claimed it: {name}"),
                "reply_done": _("Sent to {name}"),
                "taken": _("{name} has claimed it"),
                "signed_out": _("Sign in first: nothing was done"),
                "offline": _("No network: nothing was done"),
                "unknown": _("No answer: see in the conversation whether it was done"),
                "refused": _("That was not possible. Open the conversation to see why"),
                "newer": _("There is a newer version of the workspace. Your drafts stay."),
                "reload": _("Use it now"),
                "hint": _("This device can show who waits, even while Kefu is closed."),
                "hint_open": _("Set up"),
                "hint_close": _("Not now"),
            },
        }
    )


@require_safe
@never_cache
def offline(request: HttpRequest) -> HttpResponse:
    """The page without a network. It shows what stands unsent in the browser of this member."""
    me = request.user.uuid if request.user.is_authenticated else ""
    return render(request, "chat/agent/offline.html", {"me": me})
