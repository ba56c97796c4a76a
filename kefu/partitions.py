"""Cookies of the chat page inside another site, where browsers keep no ordinary ones.

`Partitioned` has the browser keep a cookie for this site inside that one and for nothing else
(CHIPS), so no visitor can be followed from site to site. It needs `Secure`, which browsers take
from https, and from the machine they run on. Django and http.cookies know the word from Python
3.14 on only.
"""

from http.cookies import Morsel


class Partitioned(Morsel):
    def OutputString(self, attrs=None):  # noqa: N802
        return f"{super().OutputString(attrs)}; Partitioned"


class PartitionCookies:
    """Middleware: hands out partitioned what would be refused there otherwise, the token against
    forged requests included: in the chat page's frame, and in answers to the site's own scripts."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.apart = comes(request, "iframe")
        response = self.get_response(request)
        framed = getattr(response, "xframe_options_exempt", False)
        asked = "Access-Control-Allow-Credentials" in response
        if (framed and request.apart) or (asked and comes(request, "empty")):
            for name, cookie in list(response.cookies.items()):
                response.cookies[name] = partitioned(cookie)
        return response


def comes(request, purpose: str) -> bool:
    """Whether a browser says that another site asks, for a frame (iframe) or by a script (empty). A
    subdomain of our own site is none, and shares the ordinary cookies. Of a page that such a frame
    goes on to by itself the browser does not say so: its address does, by `apart`."""
    site, apart = request.headers.get("Sec-Fetch-Site"), request.GET.get("apart") == "1"
    if request.headers.get("Sec-Fetch-Dest") != purpose:
        return False
    return site == "cross-site" or (purpose == "iframe" and apart)


def partitioned(cookie: Morsel) -> Partitioned:
    copy = Partitioned()
    copy.set(cookie.key, cookie.value, cookie.coded_value)
    copy.update(cookie)
    copy.update({"samesite": "None", "secure": True})
    return copy
