"""The administration's page that removes the demo's conversations."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Enterprise

from . import removal


class DemoPage:
    """A mixin for the admin of conversations: one more page, for whoever may change the
    enterprise."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.demo_view)
        return [
            path("demo/<int:enterprise>/", view, name="chat_conversation_demo"),
            *super().get_urls(),
        ]

    def demo_view(self, request, enterprise):
        """Says how many there are, and removes them by POST."""
        owner = self.admin_site.get_model_admin(Enterprise)
        row = owner.row_or_refuse(request, str(enterprise))
        if request.method == "POST":
            # In several transactions, so not recorded as a whole.
            removed = removal.remove(row, audit.of_request(request))
            if removed:
                owner.log_change(request, row, gettext("Removed the demo conversations."))
            text = ngettext(
                "%(count)d demo conversation was removed.",
                "%(count)d demo conversations were removed.",
                removed,
            )
            self.message_user(request, text % {"count": removed}, messages.SUCCESS)
            return redirect("admin:accounts_enterprise_change", row.pk)
        count = removal.count(row)
        much = ngettext(
            "This removes %(count)s conversation with an invented visitor.",
            "This removes %(count)s conversations with invented visitors.",
            count,
        )
        question = [
            much % {"count": count},
            _(
                "Messages, notes, ratings and pictures in them are deleted permanently, including"
                " what agents wrote there."
            ),
            _(
                "Conversations with real visitors stay, and so do accounts, teams, quick questions,"
                " canned replies and articles."
            ),
        ]
        act = _("Remove the demo conversations")
        return owner.ask(request, question, act, row=row, title=act, destroys=True)
