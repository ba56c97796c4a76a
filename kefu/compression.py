"""Compresses pages with gzip, but not files and what is compressed already."""

from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    def process_response(self, request, response):
        if response.get("Content-Disposition") or response.get("ETag"):
            return response
        return super().process_response(request, response)
