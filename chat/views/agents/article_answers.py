"""Who read an answer that stood on a former text of an article, and a message to all of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from chat.assistant import corrections
from chat.knowledge import articles, beside
from chat.limits import limits, member_keys
from chat.models import Article
from chat.presence import leases
from chat.protocol import fields
from chat.protocol.errors import Refused, explain
from chat.views.refusals import answer_refusals

from .desks import Desk, for_writers


def again(request: HttpRequest, refused: Refused, desk: Desk, slug: str, lang: str) -> HttpResponse:
    """The form with the text that was refused, and why."""
    row = article_or_404(desk, slug, lang)
    found = corrections.of(desk.member, row)
    return show(desk, row, found, {"problem": explain(refused)}, status=refused.status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
@answer_refusals(again)
def page(request: HttpRequest, desk: Desk, slug: str, lang: str) -> HttpResponse:
    """GET: the answers. POST: a `text`, which is asked for once more, and with `sure` written to
    each visitor."""
    row = article_or_404(desk, slug, lang)
    if not desk.may_publish:
        raise PermissionDenied
    found = corrections.of(desk.member, row)
    asks = request.method == "POST" and bool(found.open)
    if asks:
        text = request.POST.get("text", "")
        fields.content(text)
        if request.POST.get("sure") == "1":
            return write(request, desk, row, text, len(found.open))
    return show(desk, row, found, {"asks": asks})


def article_or_404(desk: Desk, slug: str, lang: str) -> Article:
    row = articles.of(desk.enterprise).filter(slug=slug, lang=lang).first()
    if row is None:
        raise Http404
    return row


def show(
    desk: Desk, row: Article, found: corrections.Answers, more: dict, status: int = 200
) -> HttpResponse:
    if found.elsewhere:
        desk.note_reading()
    with translation.override(row.lang):
        url = desk.request.build_absolute_uri(beside.address(desk.enterprise, row.slug, row.lang))
        usual = _("What we wrote to you has changed. Now it says: %(url)s") % {"url": url}
    context = {
        "title": _("Answers from a former text"),
        "row": row,
        "found": found,
        "text": desk.request.POST.get("text") or usual,
        "lists": (
            (found.open, _("Who is written to")),
            (found.elsewhere, _("Conversations in which you have no seat")),
        ),
        **more,
    }
    return desk.show("answers", context, status)


def write(request: HttpRequest, desk: Desk, row: Article, text: str, number: int) -> HttpResponse:
    limits.take("message", member_keys(desk.member.uuid), number)
    leases.come_back(desk.member)
    written, refused = corrections.write(desk.member, row, text)
    if written:
        said = ngettext("%(n)d visitor was written to.", "%(n)d visitors were written to.", written)
        messages.success(request, said % {"n": written})
    if refused:
        said = ngettext("%(n)d message was refused.", "%(n)d messages were refused.", refused)
        messages.warning(request, said % {"n": refused})
    return redirect(desk.address("answers", row.slug, row.lang))
