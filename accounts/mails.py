"""Mails with a link that sets a password: for one who is invited, and one who forgot it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from .models import Member

ACCOUNTS = 5
"""Accounts that one address may have and be sent links for."""
PAUSE = 120
"""Seconds between two links to one member: a stranger must not fill somebody's mailbox."""
TIMEOUT = 15
"""Seconds that a mail server has to answer."""

log = logging.getLogger("kefu.mail")
background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def invite(member: Member, request) -> bool:
    """Sends the link with which a member sets a password. False: the mail server refused."""
    template = "forgotten" if member.last_login else "invitation"
    return bool(deliver(message(member, f"accounts/mail/{template}.txt", base(request))))


def remind(email: str, request) -> None:
    """Sends a link to every member with this address, if there is any.

    In another thread: neither the answer nor the time it takes tells whether there is one.
    """
    members = Member.objects.filter(email__iexact=email, status=Member.Status.NORMAL)
    for member in members[:ACCOUNTS]:
        if member.is_active and cache.add(f"password-link:{member.pk}", True, PAUSE):
            mail = message(member, "accounts/mail/forgotten.txt", base(request))
            background.submit(deliver, mail)


def base(request) -> str:
    """Where links lead: PUBLIC_URL, or the host (one of ALLOWED_HOSTS) that was asked."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def message(member: Member, template: str, base_url: str) -> EmailMessage:
    """The mail in the member's language. The link is good for PASSWORD_RESET_TIMEOUT."""
    with translation.override(member.language or translation.get_language()):
        context = {
            "member": member,
            "link": base_url + path(member),
            "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
        }
        where = member.enterprise.name if member.enterprise else "Kefu"
        subject = _("Your password for %(where)s") % {"where": " ".join(where.split())}
        return EmailMessage(subject, render_to_string(template, context), to=[member.email])


def path(member: Member) -> str:
    uid = urlsafe_base64_encode(force_bytes(member.pk))
    token = default_token_generator.make_token(member)
    return reverse("password-set", kwargs={"uidb64": uid, "token": token})


def deliver(mail: EmailMessage) -> bool | None:
    """True when the mail server took it, None when it never takes any for this address; else False.
    Then the log has one line, without the link."""
    mail.connection = get_connection(timeout=TIMEOUT)
    try:
        return mail.send() == 1
    except SMTPRecipientsRefused as error:
        log.warning("a mail could not be sent: its address was refused")
        return None if all(code >= 500 for code, _word in error.recipients.values()) else False
    except Exception as error:  # smtplib, sockets, TLS and backends each have their own kinds.
        log.warning("a mail could not be sent: %s", type(error).__name__)
        return False
