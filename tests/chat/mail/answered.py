"""Mails to visitors who have gone: when they are sent, and what their links are."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from chat.mail import answers, jobs
from chat.posting import batches
from tests.chat.helpers import draft_of

BASE = "https://chat.example.com"


def answer(alice, group, content="Your parcel is here.", **how):
    return batches.post(draft_of(alice, group, content, **how))["seq"]


def look(minutes: float = 4) -> list:
    """The mails that a look so much later sends."""
    mail.outbox = []
    jobs.send(answers.take_due(timezone.now() + timedelta(minutes=minutes)))
    return mail.outbox


def link(message, what: str) -> str:
    """The path of a mail's link."""
    return re.search(rf"{BASE}(/chat/acme/{what}/\S+)", message.body).group(1)
