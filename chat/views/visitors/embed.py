"""The chat page in a frame on another site: which sites may embed it, its language, and the query
that its addresses keep."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate, get_language

from accounts.models import Enterprise
from chat.visitors import cookies


def embedded(request: HttpRequest) -> bool:
    """Whether the page is shown in a frame by the widget."""
    return request.GET.get("embed") == "1"


def activate_language(request: HttpRequest, enterprise: Enterprise) -> None:
    """Activates the language of the visitor's page: of an embedded one the language that the site
    asks for by `lang`, or the enterprise's for its widget; else the visitor's, which is active
    already; and where the site has none that they want, the enterprise's."""
    site = request.GET.get("lang", ""), enterprise.widget_language
    header = request.headers.get("Accept-Language", "")
    wished = cookies.wished_language(request.COOKIES, header)
    for code in (*(site if embedded(request) else ()), wished, enterprise.text_language):
        if code and (language := cookies.supported_language(code)):
            activate(language)
            request.LANGUAGE_CODE = language
            return


def page_query(request: HttpRequest, **changes) -> str:
    """The query for addresses on the page, with its `?`, or "" if it is empty. It keeps the team,
    the frame and the language of the request, but for `changes`; an empty value removes one."""
    kept = {"team": request.GET.get("team")}
    if embedded(request):
        kept |= {"embed": "1", "lang": get_language(), "host": host_origin(request)}
        kept |= {"apart": "1"} if request.apart else {}
    kept = {name: value for name, value in (kept | changes).items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def host_origin(request: HttpRequest) -> str:
    """The origin of the page around the frame as the query claims it, or "". Check it by
    `may_host`."""
    return request.GET.get("host", "") if embedded(request) else ""


def may_host(request: HttpRequest, enterprise: Enterprise, origin: str) -> bool:
    """Whether `origin` may embed the widget: the enterprise's sites and this site may."""
    return origin in [*enterprise.site_origins(), f"{request.scheme}://{request.get_host()}"]


def allow_framing(
    response: HttpResponse, request: HttpRequest, enterprise: Enterprise
) -> HttpResponse:
    """Lets the enterprise's sites embed the page, and this site, where the administration shows
    the widget. Other sites may not."""
    sites = enterprise.site_origins()
    if sites or embedded(request):
        response._csp_replace = {"frame-ancestors": ["'self'", *sites]}
        response.xframe_options_exempt = True
    return response


def allow_reading(response: HttpResponse, origin: str) -> HttpResponse:
    """Lets scripts of that origin alone read the response (CORS)."""
    response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Allow-Credentials"] = "true"
    return response


def origin_header(request: HttpRequest) -> str:
    """The header Origin, which names the page that sent the request; "" without one. Browsers send
    none with a GET to the same site, and never one with a slash at its end."""
    return request.headers.get("Origin", "").lower()
