"""Cookies of the chat page in a frame on another site, where browsers block ordinary cookies.

With the attribute `Partitioned` (CHIPS) a browser keeps a cookie for this site within that other
site only, so nobody can be tracked from site to site. It requires `Secure`, which browsers accept
over https and from localhost. http.cookies supports the attribute from Python 3.14 on only.
"""

from http.cookies import Morsel


class Partitioned(Morsel):
    def OutputString(self, attrs=None):
        return f"{super().OutputString(attrs)}; Partitioned"


class PartitionCookies:
    """Middleware: partitions all cookies, the CSRF token included, of responses for a frame on
    another site and for the scripts of that site. It sets `request.apart` for such a frame."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.apart = is_cross_site(request, "iframe")
        response = self.get_response(request)
        framed = getattr(response, "xframe_options_exempt", False)
        asked = "Access-Control-Allow-Credentials" in response
        if (framed and request.apart) or (asked and is_cross_site(request, "empty")):
            for name, cookie in list(response.cookies.items()):
                response.cookies[name] = partitioned(cookie)
        return response


def is_cross_site(request, purpose: str) -> bool:
    """Whether the request is for a frame (`purpose` "iframe") on another site, or of a script there
    ("empty"). Subdomains of this site share the ordinary cookies, and are not another site. For
    links within the frame, and what its scripts fetch, browsers report the same site; there the
    query has `apart`."""
    site, meant_for = (request.headers.get(f"Sec-Fetch-{name}") for name in ("Site", "Dest"))
    if purpose == "iframe" and request.GET.get("apart") == "1":
        return meant_for in ("iframe", "empty")
    return meant_for == purpose and site == "cross-site"


def partitioned(cookie: Morsel) -> Partitioned:
    """A partitioned copy of a cookie."""
    copy = Partitioned()
    copy.set(cookie.key, cookie.value, cookie.coded_value)
    copy.update(cookie)
    copy.update({"samesite": "None", "secure": True})
    return copy
