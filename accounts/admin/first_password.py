"""The first password of a new member: a mail with a link, or a password that is shown once."""

from django.contrib import messages
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import audit, mails, setup
from accounts.models import Member

from .lists import Base


class FirstPassword(Base):
    """A mixin for admin classes that create members. Whoever creates one gets another way in."""

    adds_fresh = True

    def set_first_password(self, request, member: Member, password: str = "") -> None:
        """Sets the password of a member who is not saved yet: `password`, or none and a mail with a
        link after the commit, or a random one where no mail reaches the member."""
        if not password and member.email and not mails.are_printed():
            member.set_unusable_password()
            transaction.on_commit(lambda: self.send_password_link(request, member))
            return
        if not password:
            password = setup.random_password()
            request.shown_password = {"account": member.name, "password": password}
        member.set_password(password)
        member.must_change_password = True

    def note_link(self, member: Member) -> None:
        about = {"kind": "member", "object_id": str(member.pk), "object_name": member.name}
        audit.note(audit.Action.LINK_SENT, audit.chain_of_member(member), **about)

    def send_password_link(self, request, member: Member) -> None:
        """Mails the link, and shows a message with the result."""
        names = {"account": member.name, "email": member.email}
        if mails.send_password_link(member, request):
            text = gettext("A link for %(account)s is being sent to %(email)s.")
            self.message_user(request, text % names, messages.SUCCESS)
        else:
            text = gettext(
                "The mail for %(account)s to %(email)s could not be sent. Set a password "
                "instead, or send the link again later."
            )
            self.message_user(request, text % names, messages.ERROR)

    def response_add(self, request, obj, post_url_continue=None):
        """Shows a random password in this response only; no cookie or session contains it."""
        response = super().response_add(request, obj, post_url_continue)
        shown = getattr(request, "shown_password", None)
        if shown is None:
            return response
        return self.shown_only_once(
            request,
            title=_("Password (shown only once)"),
            words=_(
                "Pass this on now; it cannot be shown again. The member must change it at the first"
                " sign-in."
            ),
            facts=[
                (_("Sign in at"), request.build_absolute_uri(reverse("agent-login")), ""),
                (_("Account"), shown["account"], ""),
                (_("Password"), shown["password"], ""),
            ],
            copies="to-pass-on",
            copy=_("Copy all three"),
            next=response.headers.get("Location") or reverse("admin:index"),
        )
