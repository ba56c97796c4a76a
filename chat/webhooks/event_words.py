"""What each type of event means, in a few words for whoever chooses among them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEANS: dict[str, Promise] = {
    "message.posted": _("a message or a note was written"),
    "message.edited": _("a message has another text"),
    "message.recalled": _("a message was taken back"),
    "message.delivery": _("how far a message is on its way by a channel"),
    "conversation.opened": _("a visitor comes, or comes again"),
    "conversation.closed": _("it was closed"),
    "conversation.reopened": _("it goes on after it was closed"),
    "conversation.claimed": _("somebody looks after it"),
    "conversation.released": _("nobody looks after it any more"),
    "conversation.assigned": _("routing chose somebody"),
    "conversation.transferred": _("it went to a colleague or another team"),
    "conversation.rated": _("the visitor rated it"),
    "conversation.tagged": _("a tag was added"),
    "conversation.untagged": _("a tag was removed"),
    "conversation.handed_over": _("a bot asks for a person"),
    "conversation.overdue": _("nobody has answered in time"),
    "conversation.overflowed": _("another team may help"),
    "conversation.invited": _("a colleague was asked to join"),
    "conversation.joined": _("a colleague joined"),
    "conversation.left": _("a colleague left or was removed"),
    "conversation.snoozed": _("it was put off"),
    "conversation.woken": _("it is due again"),
    "conversation.quarantined": _("it looks like spam, or does so no more"),
    "conversation.undelivered": _("a message could not be delivered"),
    "conversation.merged": _("it became a part of another one"),
    "visitor.updated": _("what is known of a visitor changed"),
    "visitor.erased": _("a visitor was erased"),
}
"""By type."""
