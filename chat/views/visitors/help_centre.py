"""The addresses of the help centre: pages that any cache may keep, and what readers did, which
scripts and a form post.

The pages read no cookie: they are in the language of the query or of the browser's header, and have
no CSRF token. A post counts only if its `Origin`, which browsers send with each, is this site.
"""

import time
from functools import partial, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import activate, get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_POST, require_safe

from accounts.models import Enterprise
from chat.knowledge import articles, centre, nearest, uses
from chat.knowledge.search import search
from chat.limits import limits
from chat.models import Article
from chat.protocol.errors import Refused, explain
from chat.views.common import done, json_response, parse_number
from chat.views.refusals import answer_refusals, for_address, limit_requests
from chat.visitors import cookies

from . import help_pages
from .embed import origin_header
from .guests import guest_of, limit_keys
from .help_pages import Place
from .widget import CompressPublic

MAX_FOUND = 20
MAX_AGE = 60
"""Seconds for which a cache need not ask again: so long a withdrawn text may still be seen there,
and so old may be what a page says of who is there."""


def refused_page(
    request: HttpRequest, refused: Refused, place: Place | None = None, **_names
) -> HttpResponse:
    """The page in place of what is not there, or was refused."""
    words = refused.code != "not_found" and explain(refused)
    context = {"words": words, "home": place and place.address()}
    return HttpResponse(render_to_string("help/refused.html", context), status=refused.status)


def for_readers(view, page=refused_page):
    """Decorates a view: it gets the request and the Place, if there is a help centre now. Without
    `page` the answer is JSON where there is none."""

    @limit_requests(for_address)
    @answer_refusals(page)
    @wraps(view)
    def guarded(request: HttpRequest, ent_id: str, **names) -> HttpResponse:
        enterprise = Enterprise.objects.filter(code=ent_id).first()
        lang = activate_wish(request, enterprise)
        stamp = centre.stamp(enterprise) if enterprise and enterprise.is_open else None
        if enterprise is None or stamp is None:
            raise articles.not_found()
        origin = f"{request.scheme}://{request.get_host()}"
        place = Place(enterprise, lang, origin, (*stamp, int(time.time() // MAX_AGE)))
        return view(request, place, **names)

    return guarded


def activate_wish(request: HttpRequest, enterprise: Enterprise | None) -> str:
    """Activates the language that the query names, else one that the browser wants, else the
    enterprise's."""
    named = cookies.supported_language(request.GET.get("lang", ""))
    wished = named or cookies.wished_language({}, request.headers.get("Accept-Language", ""))
    language = wished or (enterprise.text_language if enterprise else settings.LANGUAGE_CODE)
    activate(language)
    request.LANGUAGE_CODE = language
    return language


def public(view, page=refused_page):
    """Decorates a view for readers: any cache may keep its answer for MAX_AGE."""
    guarded = for_readers(view, page)

    @require_safe
    @conditional_page
    @decorator_from_middleware(CompressPublic)
    @wraps(view)
    def kept(request: HttpRequest, **names) -> HttpResponse:
        response = guarded(request, **names)
        if response.status_code == 200:
            response["Cache-Control"] = f"public, max-age={MAX_AGE}"
        patch_vary_headers(response, ["Accept-Language"])
        return response

    return kept


@public
@answer_refusals(refused_page)
def home(request: HttpRequest, place: Place) -> HttpResponse:
    """The first page; with `q` what is found, with `category` its articles."""
    words, category = request.GET.get("q", "").strip(), request.GET.get("category")
    if words:
        limits.take("look_up", limit_keys(request, None, place.enterprise.code))
        return HttpResponse(help_pages.found_page(place, words))
    if category is not None:
        return HttpResponse(help_pages.category_page(place, category))
    return HttpResponse(help_pages.home_page(place))


@public
@answer_refusals(refused_page)
def article(request: HttpRequest, place: Place, slug: str) -> HttpResponse:
    """An article."""
    thanks = request.GET.get("thanks") == "1"
    return HttpResponse(help_pages.article_page(place, slug, thanks))


@partial(public, page=None)
@answer_refusals()
def results(request: HttpRequest, place: Place) -> HttpResponse:
    """What is found for `q`: at most `limit` articles, best first, in the language `lang` or in
    all."""
    limits.take("look_up", limit_keys(request, None, place.enterprise.code))
    limit = parse_number(request.GET.get("limit") or "10", "limit")
    wanted = request.GET.get("lang", "")
    lang = cookies.supported_language(wanted) if wanted else ""
    if lang is None or limit < 1:
        raise Refused("bad_field", "lang is a language of the site, limit 1 or more.")
    words = request.GET.get("q", "")
    nearest.prepare(place.enterprise.code, words)
    found = search(place.enterprise, words, lang, limit=min(limit, MAX_FOUND))
    return json_response({"results": [one.result(place.enterprise) for one in found]})


@public
def sitemap(request: HttpRequest, place: Place) -> HttpResponse:
    """All addresses."""
    return HttpResponse(help_pages.sitemap(place), content_type="application/xml; charset=utf-8")


def posted(limit: str):
    """Decorates a view for what a reader of these pages did: it gets the request, the Place and the
    reader, and takes a token of `limit`."""

    def decorate(view):
        @answer_refusals(refused_page)
        def taken(request: HttpRequest, place: Place) -> HttpResponse:
            if origin_header(request) not in filter(None, (place.origin, settings.PUBLIC_URL)):
                raise Refused("forbidden", "Only a page of this site sends this.")
            limits.take(limit, limit_keys(request, None, place.enterprise.code))
            return view(request, place, reader_of(request, place.enterprise))

        return csrf_exempt(require_POST(for_readers(wraps(view)(taken))))

    return decorate


def reader_of(request: HttpRequest, enterprise: Enterprise) -> str:
    guest = guest_of(request, enterprise)
    agent = request.headers.get("User-Agent", "")
    return guest.uuid if guest else uses.stranger(enterprise, request.META["REMOTE_ADDR"], agent)


@posted("seen")
def seen(request: HttpRequest, place: Place, reader: str) -> HttpResponse:
    """Counts an article (`slug`, `lang`) as opened, by a search for `q` if that is given; or a
    search for `q` whose results were shown."""
    words = request.POST.get("q", "")
    if request.POST.get("slug"):
        uses.opened(named_article(request, place), reader, words)
    else:
        lang = cookies.supported_language(request.POST.get("lang", "")) or get_language()
        uses.searched(place.enterprise, words, lang, reader)
    return json_response({"ok": True})


@posted("helpful")
def helpful(request: HttpRequest, place: Place, reader: str) -> HttpResponse:
    """Counts whether an article (`slug`, `lang`) was `helpful`, 1 or 0."""
    row, vote = named_article(request, place), request.POST.get("helpful")
    if vote not in ("0", "1"):
        raise Refused("bad_field", "helpful is 1 or 0.", field="helpful")
    uses.voted(row, reader, vote == "1")
    return done(request, place.address(row.slug, row.lang, thanks="1") + "#helpful")


def named_article(request: HttpRequest, place: Place) -> Article:
    texts = centre.texts(place.enterprise, request.POST.get("slug", ""))
    row = texts.get(request.POST.get("lang", ""))
    if row is None:
        raise articles.not_found()
    return row
