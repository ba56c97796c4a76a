"""Articles as a ZIP file: all of them downloaded, some of them stored. For those who publish."""

import math
from tempfile import TemporaryFile

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.sentences import Words
from chat.knowledge import packed
from chat.knowledge.articles import EMPTY
from chat.knowledge.files import Bad
from chat.limits import limits, member_keys
from chat.protocol.errors import Refused, explain
from chat.views.common import pieces, uploaded_file

from . import articles
from .desks import Desk, for_writers

PROBLEMS = articles.PROBLEMS | {
    "audience": _("“audience” is public or internal."),
    "state": _("“state” is published or draft."),
    "name": _("A picture cannot have this name."),
}
"""What an article or a picture was refused for, by field."""


@require_safe
@for_writers
def save(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:
    """All articles and the pictures that they name."""
    refuse_others(desk)
    file = TemporaryFile()  # noqa: SIM115  (`pieces` closes it later)
    packed.save(desk.enterprise, file, audit.of_request(request))
    size = file.tell()
    file.seek(0)
    response = StreamingHttpResponse(pieces(file), content_type="application/zip")
    response["Content-Length"] = str(size)
    name = f"knowledge-{desk.enterprise.code}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def refuse_others(desk: Desk) -> None:
    if not desk.may_publish:
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def load(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: the form. POST: stores the articles of the `file`, and says which are bad and why."""
    refuse_others(desk)
    context = {"title": _("Import articles"), "most": packed.MAX_PACKED // packed.MIB}
    if request.method != "POST":
        return desk.show("import", context)
    bad: list[tuple[str, Words]] = []
    try:
        file = uploaded_file(request)
        if file is None or file.file is None:
            raise Bad("Choose a file first.")
        size = math.ceil((file.size or 0) / packed.MIB)
        limits.take("upload", member_keys(desk.member.uuid), max(size, 1))
        counts = packed.load(
            desk.enterprise,
            file.file,
            audit.of_request(request),
            report=lambda name, error: bad.append((name, reason(error))),
        )
    except (Bad, Refused) as error:
        status = error.status if isinstance(error, Refused) else 400
        return desk.show("import", context | {"problem": reason(error)}, status)
    return desk.show("import", context | {"counts": counts, "bad": bad})


def reason(error: Exception) -> Words:
    """Why a file is bad, in the reader's language."""
    if isinstance(error, Bad):
        return gettext(error.words) % error.values
    if not isinstance(error, Refused):
        return _("It cannot be read.")
    if error.code in ("bad_kind", "too_long"):
        return PROBLEMS["file"]
    field = "empty" if error.detail == EMPTY else error.facts.get("field", "")
    return PROBLEMS.get(field) or explain(error)
