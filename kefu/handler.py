"""Django's handler for ASGI, with a page answered in one go.

Django's own takes each request from the event loop to its thread and back for every middleware and
view in turn, a dozen times. Ours are written without `async`, all of them, so one way there and
back is enough.
"""

from email.message import Message

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest, HttpResponse, multipartparser
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters

CHARSETS = ("", "utf-8", "us-ascii", "ascii", "iso-8859-1", "latin-1")
"""Those of parameters in the form of RFC 2231 that are looked up."""


def parse_part_header(line: str) -> tuple[str, dict[str, str]]:
    """Django's, without looking up other charsets: Python keeps each name that it does not know."""
    message = Message()
    message["content-type"] = line
    for _name, value in message.get_params([]):
        if isinstance(value, tuple) and (value[0] or "").lower() not in CHARSETS:
            raise ValueError("The charset of a parameter is none of these.")
    return parse_header_parameters(line)


# Its parser of forms has no place to give it another one.
multipartparser.parse_header_parameters = parse_part_header  # type: ignore[attr-defined]


class PageRequest(ASGIRequest):
    def parse_file_upload(self, META, post_data):
        """Django's, which fails at parts whose parameters mix the forms of RFC 2231."""
        try:
            return super().parse_file_upload(META, post_data)
        except TypeError as error:
            raise MultiPartParserError("Invalid header of a part") from error


class PageHandler(ASGIHandler):
    request_class = PageRequest

    def load_middleware(self, is_async: bool = False) -> None:
        """Loads all middleware for calls from a thread, whatever Django asks for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponse:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def get_application() -> PageHandler:
    """The ASGI application for HTTP, as django.core.asgi.get_asgi_application makes one."""
    django.setup(set_prefix=False)
    return PageHandler()
