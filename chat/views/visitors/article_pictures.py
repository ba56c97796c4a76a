"""Pictures of articles. Their addresses are random and their content never changes, so that any
cache may keep them; they are shown in drafts, too."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat.files import storage
from chat.knowledge import pictures
from chat.views.refusals import for_address, limit_requests


@require_safe
@limit_requests(for_address)
def picture(request: HttpRequest, ent_id: str, key: str) -> HttpResponse:
    found = pictures.by_key(ent_id, key)
    content = found and storage.read(found.key, small=False)
    if found is None or content is None:
        raise Http404
    response = HttpResponse(content, content_type=found.content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
