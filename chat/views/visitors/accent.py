"""The colours of an enterprise as a style sheet, so that its pages have them without JavaScript.

The address holds the colours themselves, so it says nothing of an enterprise, and browsers may
keep the answer.
"""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import colours

NAMES = ("accent", "on-accent", "accent-ink")
COVER_NAMES = ("cover", "on-cover", "cover-end")
DIGITS = re.compile(r"[0-9a-f]{6}")


@require_safe
def stylesheet(request: HttpRequest, accent: str, cover: str) -> HttpResponse:
    """The custom properties of `accent` and `cover`, each six hexadecimal digits; base.css reads
    them."""
    if not (DIGITS.fullmatch(accent) and DIGITS.fullmatch(cover)):
        raise Http404
    rules = []
    for scheme in ("light", "dark"):
        values = colours.accent_colours(f"#{accent}", scheme)
        rules += zip(NAMES, [scheme] * 3, values, strict=True)
        values = colours.cover_colours(f"#{cover}", scheme)
        rules += zip(COVER_NAMES, [scheme] * 3, values, strict=True)
    body = ";".join(f"--{name}-{scheme}:{value}" for name, scheme, value in rules)
    response = HttpResponse(f":root{{{body}}}", content_type="text/css")
    # Colours need none of what protects pages.
    response._csp_exempt = response.xframe_options_exempt = True
    response["Cache-Control"] = "public, max-age=86400"
    return response
