"""The page of the search by meaning: which model makes the vectors, and a test of it."""

import time
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.forms import secrets
from accounts.models import Embeddings, Member
from chat.assistant import endpoint
from chat.assistant.shapes import Failed
from chat.embeddings import filling, setting_up, vectors
from chat.limits import limits, member_keys

from .administration import as_form, chosen, for_keys, for_managers, place
from .assistant import show
from .assistant_forms import EmbeddingsForm, is_stored

for_embeddings = for_managers(gettext_lazy("Search by meaning"))
SECTIONS = (
    (gettext_lazy("Who makes the vectors"), ("source",)),
    (gettext_lazy("Model of an endpoint"), ("url", "model", "key", "without_key")),
)


@for_keys(for_embeddings)
@audit.recorded
def page(request: HttpRequest) -> HttpResponse:
    """The form. Whoever changes it leads elsewhere what people search."""
    enterprise = chosen(request)
    if request.method == "POST":
        Embeddings.objects.select_for_update().filter(enterprise=enterprise).first()
    form = EmbeddingsForm(request.POST or None, instance=setting_up.of(enterprise))
    secrets.filled_in_by(cast(Member, request.user), form)
    if request.method == "POST" and form.is_valid() and is_stored(form, enterprise):
        messages.success(request, _("Saved. Now test the connection."))
        return redirect(place("assistant", request, enterprise) + "#embeddings")
    return show(request, enterprise, "embeddings.html", as_form(form, SECTIONS))


@require_POST
@for_embeddings
def test(request: HttpRequest) -> HttpResponse:
    """Has a vector made of one word, and says what came of it. No transaction waits meanwhile."""
    enterprise = chosen(request)
    row = setting_up.of(enterprise)
    if row.source == setting_up.OFF:
        raise Http404
    limits.take("assistant", member_keys(cast(Member, request.user).uuid))
    began = time.monotonic()
    try:
        size = vectors.of(row, ["?"], began + filling.WITHIN).shape[1]
    except Failed as failure:
        messages.error(request, endpoint.words_of(failure, row))
    else:
        text = _("It works: a vector of %(size)d numbers in %(seconds).1f seconds.")
        seconds = time.monotonic() - began
        messages.success(request, text % {"size": size, "seconds": seconds})
    return redirect(place("assistant", request, enterprise) + "#embeddings")
