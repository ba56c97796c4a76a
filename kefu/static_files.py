"""Static files by WhiteNoise, with the headers that a browser needs of them and no others.

A first visit fetches some thirty small files, and what stands around each counts as much as some of
them do: without the headers left out here it is 4 KB lighter.
"""

from django.http import HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

NEEDLESS = {"Last-Modified", "ETag"}
"""Of a file whose name holds its content's hash: nobody ever asks whether it has changed."""


class StaticFiles(WhiteNoiseMiddleware):
    @staticmethod
    def serve(static_file, request):
        """The file in one piece, as none is large. A file that is streamed goes through a list
        under ASGI anyway, and Django warns of that."""
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
                (encoding, place, [pair for pair in headers if pair[0] not in NEEDLESS])
                for encoding, place, headers in file.alternatives
            ]
        return file

    def add_mime_headers(self, headers, path, url):
        super().add_mime_headers(headers, path, url)
        # SecurityMiddleware stands below: what it would add that matters to a script or a style.
        headers["X-Content-Type-Options"] = "nosniff"
