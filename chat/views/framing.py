"""The visitor's page inside another site: who may have it there, in which language it speaks, and
what its addresses carry along."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate, get_language

from accounts.models import Enterprise
from accounts.models.enterprise import origin_of
from chat.visitors import cookies


def embedded(request: HttpRequest) -> bool:
    return request.GET.get("embed") == "1"


def speak(request: HttpRequest, enterprise: Enterprise) -> None:
    """Turns to the language that the site asks for, else to the enterprise's for its widget; with
    neither the browser's stays."""
    for wish in (request.GET.get("lang", ""), enterprise.widget_language):
        if embedded(request) and (language := cookies.supported_language(wish)):
            activate(language)
            request.LANGUAGE_CODE = language
            return


def page_query(request: HttpRequest, **instead) -> str:
    """What stands behind `?` in the page's address, for the addresses on it; with `instead`, in
    that of another page of the chat."""
    kept = {"team": request.GET.get("team")}
    if embedded(request):
        kept |= {"embed": "1", "lang": get_language(), "host": host_of(request)}
        kept |= {"apart": "1"} if request.apart else {}
    kept = {name: value for name, value in (kept | instead).items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def host_of(request: HttpRequest) -> str:
    """The origin that says by `host` to be around the page; what it is worth, `may_host` tells."""
    return request.GET.get("host", "") if embedded(request) else ""


def may_host(request: HttpRequest, enterprise: Enterprise, origin: str) -> bool:
    """Whether pages of this origin may have the widget: the enterprise's sites, and our own."""
    return origin in [*enterprise.site_origins(), f"{request.scheme}://{request.get_host()}"]


def allow_framing(
    response: HttpResponse, request: HttpRequest, enterprise: Enterprise
) -> HttpResponse:
    """The enterprise's own sites may embed the page; nobody else may, but for this site, where
    the administration shows the widget."""
    sites = enterprise.site_origins()
    if sites or embedded(request):
        response._csp_replace = {"frame-ancestors": ["'self'", *sites]}
        response.xframe_options_exempt = True
    return response


def allow_reading(response: HttpResponse, origin: str) -> HttpResponse:
    """Lets the scripts of that origin read the answer, and no others."""
    response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Allow-Credentials"] = "true"
    return response


def origin_header(request: HttpRequest) -> str:
    """The origin of the page that asks; "" for one of ours, which sends none with a GET."""
    return origin_of(request.headers.get("Origin", ""))
