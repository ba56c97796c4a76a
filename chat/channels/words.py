"""How a row says that something came which cannot be shown, in the enterprise's language."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Enterprise
from chat.models import Channel
from chat.protocol.sizes import size_text


def spoken(channel: Channel) -> override:
    """A context of that language."""
    found = Enterprise.objects.filter(code=channel.ent_id).values_list("text_language", flat=True)
    return override(found.get())


def of_file(name: str, size: int, reason: str) -> str:
    """Of a file that is not kept."""
    found = {"name": name or _("without a name"), "size": size_text(size), "reason": reason}
    if not size:
        return _("File not received: %(name)s. %(reason)s") % found
    return _("File not received: %(name)s, %(size)s. %(reason)s") % found
