"""How the admin lets a new member in: a mail, or a password that is shown once."""

from django.contrib import messages
from django.db import transaction
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import mails, setup
from accounts.models import Member


class Welcome:
    """For admin classes that make members."""

    def welcome(self, request, member: Member, password: str = "") -> None:
        """Before `member` is saved. The mail goes out when it is."""
        if not password and member.email:
            member.set_unusable_password()
            transaction.on_commit(lambda: self.invite(request, member))
            return
        if not password:
            password = setup.random_password()
            request.shown_password = {"account": member.name, "password": password}
        member.set_password(password)
        member.must_change_password = True

    def invite(self, request, member: Member) -> None:
        names = {"account": member.name, "email": member.email}
        if mails.invite(member, request):
            text = gettext("A link for %(account)s is being sent to %(email)s.")
            self.message_user(request, text % names, messages.SUCCESS)
        else:
            text = gettext(
                "The mail for %(account)s to %(email)s could not be sent. Set a password "
                "instead, or send the link again later."
            )
            self.message_user(request, text % names, messages.ERROR)

    def response_add(self, request, obj, post_url_continue=None):
        """A random password is in this one answer: no cookie, no session ever has it."""
        response = super().response_add(request, obj, post_url_continue)
        shown = getattr(request, "shown_password", None)
        if shown is None:
            return response
        context = {
            **self.admin_site.each_context(request),
            **shown,
            "title": _("Password (shown only once)"),
            "opts": self.opts,
            "next": response.headers.get("Location") or reverse("admin:index"),
        }
        return TemplateResponse(request, "admin/accounts/shown_password.html", context)
