"""Serves static files by WhiteNoise, with only the headers that browsers need.

A first visit loads about thirty small files. Without the headers that are left out here, it is 4 KB
smaller.
"""

import os
import re
from contextlib import suppress

from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponse
from django.utils._os import safe_join
from whitenoise.middleware import WhiteNoiseMiddleware

HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
"""How the names of collected files end."""
NEEDLESS = {"Last-Modified", "ETag"}
"""Headers that a file with a hash in its name does not need: browsers never revalidate it."""
SHORTER = {
    "max-age=315360000, public, immutable": "max-age=31536000, immutable",
    'text/javascript; charset="utf-8"': "text/javascript",
    'text/css; charset="utf-8"': "text/css",
}
"""Values of such a file's headers that say the same in fewer bytes: modules are UTF-8, and a style
sheet has the charset of its page."""


def shortened(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, SHORTER.get(value, value)) for name, value in headers if name not in NEEDLESS]


class StaticFiles(WhiteNoiseMiddleware):
    def __call__(self, request):
        """Serves, too, what was collected after this process began: while an upgrade renews one
        process after the other, an old one is asked for the files of a new one's pages."""
        url = request.path_info
        # Other spellings of its path would each be kept, too.
        hashed = url.startswith(self.static_prefix) and HASHED.search(url)
        if hashed and url not in self.files and self.url_is_canonical(url):
            with suppress(SuspiciousFileOperation, ValueError):
                path = safe_join(self.static_root, url.removeprefix(self.static_prefix))
                if os.path.isfile(path):
                    self.add_file_to_dictionary(url, path)
        return super().__call__(request)

    @staticmethod
    def serve(static_file, request):
        """Sends the file in one piece, because none is large. Under ASGI a streamed file would be
        read into a list anyway, with a warning of Django."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response

    def get_static_file(self, path, url, stat_cache=None):
        file = super().get_static_file(path, url, stat_cache)
        if self.immutable_file_test(path, url):
            file.alternatives = [
                (encoding, place, shortened(headers))
                for encoding, place, headers in file.alternatives
            ]
        return file

    def add_mime_headers(self, headers, path, url):
        super().add_mime_headers(headers, path, url)
        # SecurityMiddleware, which sets this header for pages, comes after this middleware.
        headers["X-Content-Type-Options"] = "nosniff"
