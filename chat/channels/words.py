"""How a row says that something came which cannot be shown, in the enterprise's language."""

from django.utils.translation import gettext as _

from chat.protocol.sizes import size_text


def of_file(name: str, size: int, reason: str) -> str:
    """Of a file that is not kept."""
    found = {"name": name or _("without a name"), "size": size_text(size), "reason": reason}
    if not size:
        return _("File not received: %(name)s. %(reason)s") % found
    return _("File not received: %(name)s, %(size)s. %(reason)s") % found
