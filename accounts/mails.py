"""Mails with a link to set a password: for new members, and for those who forgot theirs."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sentences import Words

from .models import Enterprise, Member

MAX_ACCOUNTS = 5
"""Accounts with the same address that get a link."""
LINK_INTERVAL = timedelta(minutes=2)
"""Between two links to one member, so that nobody can flood another's mailbox."""
TIMEOUT = 15
"""Seconds to wait for the mail server."""
IN_A_ROW = 3
"""Mails that a server did not take one after the other, until no more are tried."""
KEPT_FOR = timedelta(hours=1)
"""How exactly an enterprise's row says when a mail was taken."""

PRINTED = gettext_lazy(
    "No mail server is set: e-mails are only printed in the server's log. Whoever runs the server "
    "sets one with EMAIL_URL."
)

REFUSED = gettext_lazy("The mail server took no e-mail.")

UNADDRESSED = gettext_lazy(
    "This site's own address is not set: answers to visitors are not sent by e-mail. Whoever runs "
    "the server sets it with PUBLIC_URL."
)

log = logging.getLogger("kefu.mail")
background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
invitations = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invitations")
"""Not the one of forgotten passwords: somebody waits for those."""


def send_password_link(member: Member, request) -> bool:
    """Sends a member the link to set a password: an invitation before the first sign-in. Returns
    False if the mail could not be sent."""
    template = "forgotten" if member.last_login else "invitation"
    mail = build_mail(member, f"accounts/mail/{template}.txt", site_url(request))
    return deliver_for(member.enterprise_id, mail)


def send_invitations(members: list[Member], request) -> list[Member]:
    """Sends new members of one enterprise the links to set their passwords: the first one now, the
    others on a thread. Returns those to whom nothing is sent: all, if the mail server takes none;
    the first one, if it refuses that address."""
    made = [build_mail(one, "accounts/mail/invitation.txt", site_url(request)) for one in members]
    enterprise = members[0].enterprise_id
    taken = deliver(made[0])
    keep_outcome(enterprise, taken is not False)
    if taken is False:
        return members
    if made[1:]:
        invitations.submit(send_rest, enterprise, made[1:])
    return [] if taken else members[:1]


def send_rest(enterprise: int | None, found: list[EmailMessage]) -> None:
    """Sends these mails of an enterprise (its id). A mailbox may be full or slow; after IN_A_ROW
    mails that were not taken it is the server, and the others are left."""
    failed = 0
    try:
        for number, mail in enumerate(found, 1):
            failed = failed + 1 if deliver(mail) is False else 0
            if failed == IN_A_ROW:
                log.warning("invitations were not sent: %d", len(found) - number)
                break
        if failed:
            keep_outcome(enterprise, False)
    finally:
        connection.close()


def are_printed() -> bool:
    """Whether e-mails reach nobody, as without EMAIL_URL."""
    return settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def why_unanswered() -> Words:
    """Why visitors get no answers by e-mail: without a mail server none arrives, and without
    PUBLIC_URL no mail could lead back. "" if they do."""
    if are_printed():
        return PRINTED
    return "" if settings.PUBLIC_URL else UNADDRESSED


def answers_are_sent() -> bool:
    """Whether visitors get answers by e-mail."""
    return not why_unanswered()


def send_test(enterprise: Enterprise, member: Member) -> bool:
    """Sends a member a mail that only says that mails arrive."""
    with translation.override(member.language or translation.get_language()):
        where = " ".join(enterprise.name.split())
        subject = _("Test e-mail of %(where)s") % {"where": where}
        text = render_to_string("accounts/mail/test.txt", {"member": member, "where": where})
    return deliver_for(enterprise.pk, EmailMessage(subject, text, to=[member.email]))


def deliver_for(enterprise: int | None, mail: EmailMessage) -> bool:
    """Sends a mail of an enterprise (its id) now, and keeps whether a mail server took it."""
    taken = bool(deliver(mail))
    keep_outcome(enterprise, taken)
    return taken


def keep_outcome(enterprise: int | None, taken: bool) -> None:
    """Keeps in the enterprise's row (its id) whether a mail server took its last mail. What stands
    there already is written again once an hour."""
    if enterprise is None or are_printed():
        return
    now = timezone.now()
    column, other = ("mailed_at", "mail_failed_at")[:: 1 if taken else -1]
    old = Q(**{column: None}) | Q(**{f"{column}__lt": now - KEPT_FOR})
    different = Q(**{f"{other}__gte": F(column)})
    Enterprise.objects.filter(old | different, pk=enterprise).update(**{column: now})


def send_reset_links(email: str, request) -> None:
    """Sends a link to every active member with the address `email`, if there is any.

    Another thread sends it, so neither the answer nor its time shows whether there is one.
    """
    members = Member.objects.people().filter(email__iexact=email, status=Member.Status.NORMAL)
    # Who signs in at a provider alone would get past it with a password of their own, even where
    # nobody is linked with it now. Who was invited and never came has no other way in.
    by_provider = Q(last_login__isnull=False) | Q(provider_accounts__isnull=False)
    members = members.exclude(by_provider, password__startswith="!")
    for member in members[:MAX_ACCOUNTS]:
        if member.is_active and take_link(member):
            mail = build_mail(member, "accounts/mail/forgotten.txt", site_url(request))
            background.submit(deliver, mail)


def take_link(member: Member) -> bool:
    """Whether a link may be mailed to the member now, which another process may want, too."""
    now = timezone.now()
    free = Q(link_sent_at=None) | Q(link_sent_at__lte=now - LINK_INTERVAL)
    return bool(Member.objects.filter(free, pk=member.pk).update(link_sent_at=now))


def site_url(request) -> str:
    """The address of this site for links: PUBLIC_URL, or the host of the request, which Django
    has checked by ALLOWED_HOSTS."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def build_mail(member: Member, template: str, base_url: str) -> EmailMessage:
    """The mail in the member's language, with a link that is valid for PASSWORD_RESET_TIMEOUT."""
    with translation.override(member.language or translation.get_language()):
        context = {
            "member": member,
            "link": base_url + link_path(member),
            "days": link_days(),
        }
        where = member.enterprise.name if member.enterprise else "Kefu"
        subject = _("Your password for %(where)s") % {"where": " ".join(where.split())}
        return EmailMessage(subject, render_to_string(template, context), to=[member.email])


def link_days() -> int:
    """For how many days a link that sets a password is good."""
    return settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)


def link_path(member: Member) -> str:
    """The path of the page on which the member sets a password, with a token."""
    uid = urlsafe_base64_encode(force_bytes(member.pk))
    token = default_token_generator.make_token(member)
    return reverse("password-set", kwargs={"uidb64": uid, "token": token})


def deliver(mail: EmailMessage) -> bool | None:
    """Sends a mail now. Returns True if the mail server accepted it, None if it will never accept
    this recipient, otherwise False. A failure is logged, without the link."""
    mail.connection = get_connection(timeout=TIMEOUT)
    try:
        return mail.send() == 1
    except SMTPRecipientsRefused as error:
        log.warning("a mail could not be sent: its address was refused")
        return None if all(code >= 500 for code, _word in error.recipients.values()) else False
    except Exception as error:  # smtplib, sockets, TLS and backends raise various classes.
        log.warning("a mail could not be sent: %s", type(error).__name__)
        return False
